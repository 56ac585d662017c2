// Makes the pages of results with the real program in the embedded tenants, and looks at each in Chromium: at three widths,
// light and dark, on paper, with axe-core and html-validate, and with hostile texts wherever a text is free. First it looks
// at pages that are broken on purpose, which have to give findings.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { HOSTILE, look, markupFindings, start } from './browser.mjs'

const program = resolve('target/debug/ssprctl')
const work = resolve('target/ci-pages/work')
const ONE_TENANT = 60_000
const MANY_TENANTS = 1_500_000
// The clock of the program begins here, whenever this runs, so that dates of the service lie ahead of it.
const BEGIN = Date.parse('2026-11-28T09:00:00Z')
const CLOCK = { SSPRCTL_TEST_CLOCK_SHIFT: `${Math.round((BEGIN - Date.now()) / 1000)}s` }

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })

// A folder with files, and embedded tenants of its own.
class Repository {
  constructor(name, files) {
    this.folder = join(work, name)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, path, '..'), { recursive: true })
      writeFileSync(join(this.folder, path), typeof text === 'string' ? text : JSON.stringify(text))
    }
  }

  // Runs a command in it. Only with an exit code that is expected the run is as it should be.
  async run(line, ...codes) {
    const env = { PATH: process.env.PATH, SSPRCTL_STATE: join(this.folder, 'state'), SSPRCTL_NO_INPUT: '1', ...CLOCK }
    try {
      await promisify(execFile)(program, line.split(' '), { cwd: this.folder, env, maxBuffer: 1 << 28 })
    } catch (error) {
      if (!codes.includes(error.code)) throw new Error(`ssprctl ${line} ends with ${error.code}: ${error.stderr}`)
    }
  }

  // Runs a command that writes its page, and what the page is made of.
  async page(name, line, ...codes) {
    await this.run(`${line} --format html --output ${name}.html --also json=${name}.json`, ...codes)
    return join(this.folder, `${name}.html`)
  }

  // A change of what the embedded tenants have.
  tenant(name, change) {
    const file = join(this.folder, 'state/sandbox', `${name}.json`)
    const tenant = JSON.parse(readFileSync(file))
    change(tenant)
    writeFileSync(file, JSON.stringify(tenant))
  }
}

// Days of a registration report before the newest that a forecast has saved: one person fewer can reset for each two.
function addDays(repository) {
  const folder = join(repository.folder, 'state/readiness')
  for (const name of readdirSync(folder)) {
    const readiness = JSON.parse(readFileSync(join(folder, name)), 'utf8')
    const add = (days) => {
      const [newest] = Object.keys(days).sort().reverse()
      for (let before = 1; before <= 20; before += 1) {
        const day = new Date(Date.parse(newest) - before * 86_400_000).toISOString().slice(0, 10)
        const fewer = Math.floor(before / 2)
        days[day] = { ...days[newest], able: days[newest].able - fewer, notAble: days[newest].notAble + fewer }
      }
    }
    const find = (value) => {
      if (value === null || typeof value !== 'object') return
      const keys = Object.keys(value)
      if (keys.length && keys.every((key) => /^\d{4}-\d\d-\d\d$/.test(key))) add(value)
      else Object.values(value).forEach(find)
    }
    find(readiness)
    writeFileSync(join(folder, name), JSON.stringify(readiness))
  }
}

// One tenant: everything that has a page.
async function oneTenant() {
  const one = new Repository('one', {
    'next/contoso.yaml': 'version: 1\ntenant: contoso.onmicrosoft.com\nscope:\n  users: all\n' +
      'methods:\n  required: 1\n  allowed: [mobileAppCode, email]\n',
  })
  cpSync('policies', join(one.folder, 'policies'), { recursive: true })
  await one.run('sandbox reset --users 1000')
  const pages = []
  const page = async (...line) => pages.push(await one.page(...line))
  await page('validate', 'validate')
  await page('plan', 'plan --sandbox --impact --by department --people people.json')
  await one.run('forecast next --sandbox --ready 80%', 2)
  addDays(one)
  await page('forecast', 'forecast next --sandbox --ready 80% --by department', 2)
  await page('show', 'show --sandbox --tenant contoso.onmicrosoft.com --registration')
  await page('apply', 'apply --sandbox --auto-approve')
  await one.run('sandbox set methods.required=1 helpdesk.link=none --as alice@contoso.onmicrosoft.com')
  await page('drift', 'drift --sandbox', 2)
  await one.run('report plan.json forecast.json drift.json --people people.json --output listed.html')
  pages.push(join(one.folder, 'listed.html'))
  return pages
}

// Tenants that are refused, that cannot be read, and that differ from what is written.
async function several() {
  const several = new Repository('several', {})
  cpSync('tests/scenarios/refusals.in', several.folder, { recursive: true })
  const files = 'policies/ambiguous.yaml policies/contoso.yaml policies/elsewhere.yaml policies/free.yaml'
  const pages = [await several.page('refused', `plan ${files} --sandbox --impact`, 1, 4, 8)]
  pages.push(await several.page('unread', `drift ${files} --sandbox`, 1, 2, 8))
  cpSync('tests/broken', join(several.folder, 'broken'), { recursive: true })
  pages.push(await several.page('broken', 'validate broken', 3))
  return pages
}

async function fleet() {
  const files = { 'policies/baseline.yaml': 'version: 1\nscope: {users: all}\nmethods: {required: 1, allowed: [mobileAppCode, email]}\n' }
  for (let number = 1; number <= 500; number += 1) {
    const name = `tenant-${String(number).padStart(4, '0')}`
    files[`policies/${name}.yaml`] = { version: 1, tenant: `${name}.onmicrosoft.com`, extends: ['baseline.yaml'] }
  }
  const fleet = new Repository('fleet', files)
  await fleet.run('sandbox reset --fleet 500')
  return fleet.page('fleet', 'plan --sandbox --impact --by department --parallel 16', 4)
}

// A tenant and policies with hostile names: of groups, people, departments, applications, links, questions, waivers, files.
async function hostileTenant() {
  const [script, quotes, ends, marks] = HOSTILE
  const questions = [script, quotes, ends].map((text) => ({ custom: text.slice(0, 90) }))
  const policy = {
    version: 1,
    tenant: 'contoso.onmicrosoft.com',
    scope: { users: 'selected', group: quotes },
    methods: { required: 2, allowed: ['mobilePhone', 'email', 'securityQuestions'] },
    securityQuestions: { toRegister: 3, toReset: 3, questions },
    helpdesk: { link: 'https://help.contoso.com/"><script>ran=1</script>' },
    waivers: [{ rule: 'sms-voice-retirement', reason: script, owner: ends, expires: '2027-01-31' }],
  }
  const names = ['<img src=x onerror=ran=1>.yaml', '"><svg onload=ran=1>.yaml']
  const hostile = new Repository('hostile', { [`policies/${names[0]}`]: policy, [`broken/${names[1]}`]: { ...policy, [script]: ends } })
  await hostile.run('sandbox reset')
  hostile.tenant('contoso.onmicrosoft.com', (tenant) => {
    tenant.displayName = script
    tenant.groups.forEach((group, at) => { group.displayName = at === 0 ? quotes : script + at })
    tenant.apps.forEach((app) => { app.displayName = marks + script })
    tenant.accounts.forEach((account, at) => { account.displayName = HOSTILE[at % HOSTILE.length]; account.department = script })
    tenant.passwordReset.customHelpdeskEmailOrUrl = `https://help.contoso.com/${ends}`
  })
  return [
    await hostile.page('validate', 'validate broken', 3),
    await hostile.page('plan', 'plan --sandbox --impact --by department --people people.json', 4),
    await hostile.page('forecast', 'forecast --sandbox --by department --people people.json', 2, 4),
    await hostile.page('drift', 'drift --sandbox', 2),
    await hostile.page('show', 'show --sandbox --tenant contoso.onmicrosoft.com'),
  ]
}

const schemas = new Map()
const schemaOf = (name) => schemas.get(name) ?? schemas.set(name, JSON.parse(readFileSync(`schemas/${name}.json`))).get(name)

// A document of a command with a text in the place of every text that its schema leaves free.
function filled(name, document, text) {
  const schema = schemaOf(name)
  const expand = (one) => {
    if (one?.$ref) return expand(schema.$defs[one.$ref.split('/').at(-1)])
    const more = [...(one?.anyOf ?? []), ...(one?.oneOf ?? []), ...(one?.allOf ?? [])]
    return [one, ...more.flatMap(expand)]
  }
  const isFree = (one) => !one || !['const', 'enum', 'format', 'pattern'].some((key) => key in one)
  const fill = (value, schemas) => {
    const known = schemas.flatMap(expand).filter((one) => one && typeof one === 'object')
    if (typeof value === 'string') return known.every(isFree) ? text : value
    if (Array.isArray(value)) return value.map((item) => fill(item, known.map((one) => one.items)))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) =>
      [key, fill(item, known.map((one) => one.properties?.[key] ?? one.additionalProperties))]))
  }
  return fill(document, [schema])
}

// The results of `one` and `several` on one page, with a text wherever one is free.
async function filledPage(number, text) {
  const documents = ['one/validate', 'one/plan', 'one/forecast', 'one/show', 'one/apply', 'one/drift', 'several/broken',
    'several/refused', 'several/unread']
  const read = (path) => JSON.parse(readFileSync(join(work, `${path}.json`)))
  const files = { 'people.json': filled('people', read('one/people'), text) }
  documents.forEach((path, at) => {
    const document = read(path)
    files[`${at}.json`] = filled(document.command, document, text)
  })
  const repository = new Repository(`filled-${number}`, files)
  const names = documents.map((_, at) => `${at}.json`).join(' ')
  await repository.run(`report ${names} --people people.json --output page.html`)
  return join(repository.folder, 'page.html')
}

const [browser, close] = await start()
let failed = 0

async function check(file, { most, ...options } = {}) {
  const html = readFileSync(file, 'utf8')
  const findings = [...await markupFindings(html), ...await look(browser, pathToFileURL(file).href, options)]
  if (Buffer.byteLength(html) > most) findings.push(`has ${Buffer.byteLength(html)} bytes`)
  if (html.includes('cannot be shown')) findings.push('has a part that cannot be shown')
  const name = file.slice(work.length + 1)
  for (const finding of findings.slice(0, 20)) console.error(`${name}: ${finding}`)
  failed += findings.length
  return findings
}

// A page with what must not be on one has to give a finding of each kind.
async function breaks() {
  const plain = readFileSync(join(work, 'one/plan.html'), 'utf8')
  const broken = {
    'without a policy': [/<meta http-equiv[^>]*>/, '<img src="x" alt="" onerror="ran=1;alert(1)">',
      ['runs what is in a text', 'opens a dialog', 'asks for file:']],
    'with a field that is not escaped': [/(?<=<main>)/, HOSTILE[0],
      ['html-validate', 'tries what its policy refuses: script-src', 'writes to the console', 'img-src']],
    'too wide': [/(?<=<main>)/, `<p>${'&nbsp;W'.repeat(400)}</p><p style="width:900px">a</p><b hidden>`, ['pixels wide', 'html-validate']],
    'with a drawing that overlaps': [/(?<=<\/title><desc[^]*?<\/desc>)/, '<text x="1" y="10">over</text><text x="340" y="40">beyond its drawing</text>',
      ["'over' is over", 'is cut off']],
    'grey on grey': [/--muted:#57606a/, '--muted:#d0d0d0', ['axe-core, color-contrast', 'too little contrast in its drawing']],
    'without its name': [/<html lang="en">/, '<html>', ['axe-core, html-has-lang']],
    'not for paper': [/<\/style>/, '@media print{header{display:none}.wide{width:9em;overflow:auto}:root{--ink:#eee}}svg *{fill:#000!important}</style>',
      ["on paper: 'Plan", 'pixels wide', 'on white', 'without a colour']],
  }
  await each(Object.entries(broken), async ([name, [place, text, expected]], number) => {
    let html = plain.replace(place, text)
    // The digest of the style sheet would otherwise refuse it.
    if (name.startsWith('grey') || name.startsWith('not') || name.startsWith('too')) html = html.replace(/style-src 'sha256-[^']*'/, "style-src 'unsafe-inline'")
    const file = join(work, `broken-${number}.html`)
    writeFileSync(file, html)
    const found = [...await markupFindings(html), ...await look(browser, pathToFileURL(file).href, { widths: [360] })].join('\n')
    for (const words of expected.filter((words) => !found.includes(words))) {
      failed += 1
      console.error(`a page ${name} gives no finding '${words}':\n${found}`)
    }
  })
}

// Does something with each, a few at once.
async function each(items, work) {
  const left = [...items.entries()]
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) await work(next[1], next[0])
  }
  await Promise.all([worker(), worker(), worker()])
}

async function timed(name, work) {
  const from = Date.now()
  const result = await work
  console.log(`${name}: ${((Date.now() - from) / 1000).toFixed(1)} s`)
  return result
}

try {
  const [one, others, hostile, many] = await timed('made', Promise.all([oneTenant(), several(), hostileTenant(), fleet()]))
  await timed('broken on purpose', breaks())
  await timed('results', each([...one, ...others, many, ...hostile], async (file) => {
    const most = file.endsWith('listed.html') || !one.includes(file) ? MANY_TENANTS : ONE_TENANT
    await check(file, { most, axe: hostile.includes(file) || file === many ? [360] : undefined })
  }))
  const structures = []
  await timed('hostile texts', each(['harmless', ...HOSTILE], async (text, number) => {
    const structure = structures[number] = []
    await check(await filledPage(number, text), { axe: number > 0 ? [] : [800], paper: number < 2, structure })
  }))
  const [plain, ...filled] = structures
  filled.forEach((structure, number) => {
    const at = plain.findIndex((element, at) => element !== structure[at])
    if (at >= 0 || plain.length !== structure.length) {
      failed += 1
      console.error(`filled-${number + 1}/page.html: a text has become markup: ${plain[at]} is ${structure[at]}`)
    }
  })
} finally {
  await close()
}
if (failed > 0) {
  console.error(`${failed} findings`)
  process.exit(1)
}
