// Makes the pictures of pages in docs/pictures, from those that tests/generated.rs makes of saved results. It needs what
// check-pages.mjs needs, and pngquant.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { start } from './browser.mjs'

const PICTURES = [
  { name: 'plan', page: 'plan', width: 800, height: 1240, colorScheme: 'light' },
  { name: 'validate', page: 'validate', width: 800, colorScheme: 'light' },
  { name: 'forecast-phone', page: 'forecast', width: 360, height: 900, colorScheme: 'dark' },
]

const [browser, close] = await start()
for (const { name, page, width, height, colorScheme } of PICTURES) {
  const context = await browser.newContext({ viewport: { width, height: height ?? 600 }, colorScheme })
  const tab = await context.newPage()
  await tab.goto(pathToFileURL(resolve('tests/pages/expected', `${page}.html`)).href)
  await tab.screenshot({ path: `docs/pictures/${name}.png`, fullPage: height === undefined })
  await context.close()
  execFileSync('pngquant', ['--force', '--ext', '.png', '48', `docs/pictures/${name}.png`])
}
await close()
