// Looks at the pages of a running controller in Chromium, with the embedded tenants: whole without JavaScript, current without
// reloading when a user of the portal changes a setting, usable by the keyboard, and without findings of axe-core and
// html-validate at three widths, light and dark, and on paper.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { look, markupFindings, start } from './browser.mjs'
import { countOnDays, startController } from './controller.mjs'

const program = resolve('target/debug/ssprctl')
const work = resolve('target/ci-pages/dashboard')
const CONTOSO = 'contoso.onmicrosoft.com'
const FABRIKAM = 'fabrikam.onmicrosoft.com'
const ALICE = `alice@${CONTOSO}`
// A drift that somebody sees: longer than a round, and much longer than a second between two events.
const PATIENCE = 60_000

rmSync(work, { recursive: true, force: true })
mkdirSync(join(work, 'policies'), { recursive: true })
for (const [tenant, required] of [[CONTOSO, 1], [FABRIKAM, 2]]) {
  const policy = { version: 1, tenant, methods: { required, allowed: ['email', 'mobilePhone'] } }
  policy.waivers = [{ rule: 'sms-voice-retirement', reason: 'the app is being rolled out', owner: 'identity', expires: '2027-01-31' }]
  writeFileSync(join(work, 'policies', `${tenant}.yaml`), JSON.stringify(policy))
}
writeFileSync(join(work, 'ssprctl.yaml'), JSON.stringify({ version: 1, rings: [{ name: 'pilot', tenants: ['contoso.*'] }] }))

const env = { PATH: process.env.PATH, SSPRCTL_STATE: join(work, 'state'), SSPRCTL_NO_INPUT: '1' }
const run = (...line) => execFileSync(program, line, { cwd: work, env, encoding: 'utf8' })
const ask = (...line) => {
  // Where a tenant has drifted it ends with 2.
  try { return run('controller', ...line) } catch (error) { return String(error.stdout) }
}

// What only a page of a controller can have wrong on paper: controls, and words of a head that are broken. A4 without its
// margins is so wide.
async function onPaper(url) {
  const page = await browser.newPage({ viewport: { width: 703, height: 900 }, javaScriptEnabled: true })
  await page.emulateMedia({ media: 'print' })
  await page.goto(url)
  const found = await page.evaluate(() => {
    const shown = (element) => element.getClientRects().length > 0
    const controls = [...document.querySelectorAll('form, input, select, button, #live')].filter(shown)
    const found = controls.map((control) => `has <${control.localName}>`)
    for (const head of document.querySelectorAll('h1, thead th')) {
      const texts = document.createTreeWalker(head, NodeFilter.SHOW_TEXT)
      while (texts.nextNode()) {
        for (const { 0: word, index } of texts.currentNode.data.matchAll(/[\p{L}\p{N}]+/gu)) {
          const range = document.createRange()
          range.setStart(texts.currentNode, index)
          range.setEnd(texts.currentNode, index + word.length)
          if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) found.push(`'${word}' of a head is broken`)
        }
      }
    }
    return found
  })
  await page.close()
  return found
}

const findings = []
const check = (holds, finding) => { if (!holds) findings.push(finding) }
// People were counted on three days before, of which two follow each other.
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
await countOnDays(program, work, env, [5, 4, 2].map(daysAgo))
const [address, end] = await startController(program, work, env)
const [browser, close] = await start()
const pause = () => new Promise((later) => setTimeout(later, 1500))

try {
  // Without a script every page is whole, and says how to get the current state.
  const plain = await browser.newContext({ javaScriptEnabled: false })
  const still = await plain.newPage()
  await still.goto(address)
  check(await still.locator('.fleet tbody tr').count() === 2, 'without JavaScript the table of tenants is not whole')
  check((await still.locator('#live').textContent()).includes('Reload'), 'without JavaScript the page does not say how to be current')
  await still.getByLabel('Ring').selectOption('pilot')
  await still.getByRole('button', { name: 'Filter' }).click()
  check(await still.locator('.fleet tbody tr').count() === 1, 'without JavaScript the form does not filter')
  await still.getByRole('link', { name: 'all tenants', exact: true }).click()
  await still.getByRole('link', { name: 'Tenant', exact: true }).click()
  check(still.url().endsWith('?sort=tenant'), 'without JavaScript the head of a column does not sort')
  await plain.close()

  // A user of the portal changes a setting while pages are open.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const loads = []
  const open = async (path) => {
    const page = await context.newPage()
    page.on('framenavigated', () => loads.push(path))
    page.on('pageerror', (error) => findings.push(`${path} has a script that fails: ${error.message}`))
    page.on('console', (message) => { if (message.type() === 'error') findings.push(`${path} writes to the console: ${message.text()}`) })
    await page.goto(address + path)
    return page
  }
  const fleet = await open('/')
  const tenant = await open(`/t/${CONTOSO}`)
  await fleet.bringToFront()
  await fleet.locator('#live', { hasText: 'Live' }).waitFor({ timeout: PATIENCE })
  await fleet.getByRole('link', { name: FABRIKAM }).focus()
  const before = loads.length
  run('sandbox', 'set', 'methods.required=2', '--tenant', CONTOSO, '--as', ALICE)
  ask('reconcile')
  await fleet.locator('tbody tr', { hasText: 'drifted' }).waitFor({ timeout: PATIENCE })
  await tenant.getByText(`changed by ${ALICE}`).first().waitFor({ timeout: PATIENCE })
  check(await tenant.getByRole('img', { name: 'When the settings changed' }).count() === 1, 'when it drifted is not drawn')
  check(await fleet.getByRole('img', { name: 'How many people can reset, by day' }).count() === 1, 'how many people can reset is not drawn')
  check(loads.length === before, 'the drift appears only with another load of the page')
  await fleet.locator('#live', { hasText: '1 drifted' }).waitFor({ timeout: PATIENCE })
  const focused = await fleet.evaluate(() => document.activeElement.getAttribute('href'))
  check(focused === `/t/${FABRIKAM}`, `the focus is lost when the page changes: ${focused}`)
  await fleet.screenshot({ path: join(work, 'fleet.png') })
  await tenant.screenshot({ path: join(work, 'tenant.png'), fullPage: true })

  // What somebody has unfolded stays so when the page changes.
  await fleet.getByText('The same as a table').click()
  run('sandbox', 'set', 'methods.required=1', '--tenant', FABRIKAM, '--as', `admin@${FABRIKAM}`)
  ask('reconcile')
  await fleet.locator('#live', { hasText: '2 drifted' }).waitFor({ timeout: PATIENCE })
  check(await fleet.getByRole('cell', { name: 'more' }).or(fleet.getByRole('rowheader', { name: daysAgo(5) })).first().isVisible(), 'a table that was unfolded is folded when the page changes')
  run('sandbox', 'set', 'methods.required=2', '--tenant', FABRIKAM, '--as', `admin@${FABRIKAM}`)

  // By the keyboard alone: each stop is visible, and the order is that of the page.
  await fleet.goto(address)
  const stops = []
  for (let stop = 0; stop < 40; stop += 1) {
    await fleet.keyboard.press('Tab')
    const at = await fleet.evaluate(() => {
      const element = document.activeElement
      if (element === document.body) return null
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      const { top, left } = element.getBoundingClientRect()
      const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.firstChild.textContent ?? element.textContent
      return { name: name.trim(), visible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1, top, left }
    })
    if (!at) break
    check(at.visible, `the focus on '${at.name}' cannot be seen`)
    stops.push(at.name)
  }
  for (const name of ['Name contains', 'State', 'Ring', 'Filter', 'Tenant', CONTOSO, FABRIKAM]) {
    check(stops.includes(name), `'${name}' is not reached by Tab: ${stops}`)
  }
  check(stops.indexOf('Filter') < stops.indexOf(CONTOSO), `Tab goes another way than the page: ${stops}`)
  await fleet.getByRole('link', { name: CONTOSO }).focus()
  await fleet.keyboard.press('Enter')
  await fleet.waitForURL(`**/t/${CONTOSO}`)

  // What a screen reader gets: headings in order, tables with names, states as words.
  const tree = await fleet.locator('body').ariaSnapshot()
  writeFileSync(join(work, 'tenant.aria.yaml'), tree)
  for (const part of [`heading "${CONTOSO}" [level=1]`, 'heading "What differs, and who changed it" [level=2]', 'group "Settings side by side"', 'columnheader "Effective"', 'status']) {
    check(tree.includes(part), `a screen reader is not told: ${part}`)
  }
  const levels = [...tree.matchAll(/\[level=(\d)\]/g)].map(([, level]) => Number(level))
  check(levels.every((level, at) => level <= (levels[at - 1] ?? 0) + 1), `headings skip a level: ${levels}`)
  // A page about something that is not there has nothing to keep current.
  for (const path of ['/t/nobody', '/settings/nothing', '/runs/20260101', '/?sort=wrong']) {
    const page = await context.newPage()
    page.on('pageerror', (error) => findings.push(`${path} has a script that fails: ${error.message}`))
    await page.goto(address + path)
    await page.close()
  }
  await context.close()
  await pause()

  // A run of another process is on the page, too.
  run('apply', '--sandbox', '--auto-approve', '--tenant', CONTOSO)
  const [runPath] = (await (await fetch(`${address}/t/${CONTOSO}`)).text()).match(/\/runs\/[\w-]+/) ?? []
  check(runPath, 'a run is not on the page of its tenant')

  const paths = ['/', '/?state=drifted&sort=-people', `/t/${CONTOSO}`, `/t/${FABRIKAM}`, '/settings/methods.required', runPath, '/t/nobody']
  for (const path of paths) {
    const answer = await fetch(address + path)
    check(answer.headers.get('content-encoding') === 'gzip', `${path} is not sent as gzip`)
    const html = await answer.text()
    for (const finding of await markupFindings(html)) findings.push(`${path}: ${finding}`)
    if (path === '/t/nobody') continue
    for (const finding of await look(browser, address + path, { origin: address })) findings.push(`${path}: ${finding}`)
    for (const finding of await onPaper(address + path)) findings.push(`${path}: on paper: ${finding}`)
    await pause()
  }
} finally {
  await close()
  await end()
}

for (const finding of new Set(findings)) console.error(finding)
if (findings.length) process.exit(1)
console.log('the pages of the controller: nothing found')
