// Makes the pictures of pages in docs/pictures: of the saved results that tests/generated.rs has too, and of a running
// controller. It needs what check-pages.mjs needs, and pngquant. Named pictures alone are made where some are named.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { start } from './browser.mjs'
import { countOnDays, startController } from './controller.mjs'

const PICTURES = [
  { name: 'plan', page: 'plan', width: 800, height: 1240, colorScheme: 'light' },
  { name: 'validate', page: 'validate', width: 800, colorScheme: 'light' },
  { name: 'forecast-phone', page: 'forecast', width: 360, height: 900, colorScheme: 'dark' },
]

const named = process.argv.slice(2)
const isWanted = (name) => named.length === 0 || named.includes(name)
const shrink = (name) => execFileSync('pngquant', ['--force', '--ext', '.png', '48', `docs/pictures/${name}.png`])

// The embedded tenants with people counted on several days, and one tenant that has just drifted.
async function dashboard(browser) {
  const folder = join(tmpdir(), 'sspr-policies')
  const program = resolve('target/debug/ssprctl')
  const env = { PATH: process.env.PATH, SSPRCTL_STATE: join(folder, 'state'), SSPRCTL_NO_INPUT: '1' }
  const [contoso, fabrikam] = ['contoso', 'fabrikam'].map((name) => `${name}.onmicrosoft.com`)
  const run = (...line) => execFileSync(program, line, { cwd: folder, env, encoding: 'utf8' })
  const require = (tenant, required) => run('sandbox', 'set', `methods.required=${required}`, '--tenant', tenant, '--as', `${tenant === contoso ? 'alice' : 'admin'}@${tenant}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'policies'), { recursive: true })
  for (const [tenant, required] of [[contoso, 1], [fabrikam, 2]]) {
    writeFileSync(join(folder, 'policies', `${tenant}.yaml`), JSON.stringify({ version: 1, tenant, methods: { required } }))
  }
  writeFileSync(join(folder, 'ssprctl.yaml'), JSON.stringify({ version: 1, rings: [{ name: 'pilot', tenants: ['contoso.*'] }] }))
  const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  const days = [9, 8, 7, 6, 4, 3, 2, 1].map(daysAgo)
  await countOnDays(program, folder, env, days, (day) => require(fabrikam, [1, 2, 5].includes(days.indexOf(day)) ? 1 : 2))
  require(fabrikam, 2)
  const [address, end] = await startController(program, folder, env)
  try {
    const tab = await browser.newPage({ viewport: { width: 1160, height: 940 } })
    await tab.goto(address)
    await tab.locator('#live', { hasText: 'Live' }).waitFor()
    require(contoso, 2)
    try { run('controller', 'reconcile') } catch { /* It ends with 2 where a tenant has drifted. */ }
    await tab.locator('#live', { hasText: '1 drifted' }).waitFor()
    await tab.screenshot({ path: 'docs/pictures/dashboard.png' })
    await tab.close()
  } finally {
    await end()
  }
  shrink('dashboard')
}

const [browser, close] = await start()
if (isWanted('dashboard')) await dashboard(browser)
for (const { name, page, width, height, colorScheme } of PICTURES.filter(({ name }) => isWanted(name))) {
  const context = await browser.newContext({ viewport: { width, height: height ?? 600 }, colorScheme })
  const tab = await context.newPage()
  const html = resolve(`target/ci-pages/${page}.html`)
  execFileSync('target/debug/ssprctl', ['--as-of', '2026-11-28', 'report', `tests/pages/saved/${page}.json`, '--output', html])
  await tab.goto(pathToFileURL(html).href)
  await tab.screenshot({ path: `docs/pictures/${name}.png`, fullPage: height === undefined })
  await context.close()
  shrink(name)
}
await close()
