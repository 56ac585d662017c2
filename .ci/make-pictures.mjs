// Makes the pictures of pages in docs/pictures, of the saved results that tests/generated.rs has too. It needs what
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
  const html = resolve(`target/ci-pages/${page}.html`)
  execFileSync('target/debug/ssprctl', ['--as-of', '2026-11-28', 'report', `tests/pages/saved/${page}.json`, '--output', html])
  await tab.goto(pathToFileURL(html).href)
  await tab.screenshot({ path: `docs/pictures/${name}.png`, fullPage: height === undefined })
  await context.close()
  execFileSync('pngquant', ['--force', '--ext', '.png', '48', `docs/pictures/${name}.png`])
}
await close()
