// Looks at pages in Chromium: what check-pages.mjs has for its own pages, and other checks for theirs. The npm packages are
// those that `.ci/run` installs in target/ci-pages.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const require = createRequire(resolve('target/ci-pages/node_modules/'))
const { chromium } = require('playwright-core')
const { HtmlValidate } = require('html-validate')
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const WIDTHS = [360, 800, 1440]
const SCHEMES = ['light', 'dark']

// What somebody may write wherever a name or a text is free. Whatever of it runs sets `ran` of the window.
export const HOSTILE = [
  '<script>ran=1;alert(1)</script><img src=x onerror="ran=1"><iframe src=//evil.example/>',
  '"\' onmouseover="ran=1" onfocus=ran=1 autofocus style="position:fixed;inset:0" x=\'',
  '</style></title></code></textarea><svg/onload=ran=1>--><![CDATA[<!--<base href=//evil.example>',
  '\u202etxt.exe\u2066\u200b\u001b[2J\u0000\u0007\u2028{{ 7 * 7 }}{% raw %}{# ',
  '` <b>javascript:ran=1&lt;&#x3c;script&#x3e;ran=1//',
  '\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 (\u0627\u0644\u0645\u0633\u062a\u0623\u062c\u0631) \u05d0\u05d1\u05d2!',
  'W'.repeat(10_000),
  '<b>'.repeat(3_400),
]

// Starts Chromium; the second function ends it.
export async function start() {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    timeout: 120_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  })
  return [browser, () => browser.close()]
}

// What is wrong with the markup.
export async function markupFindings(html) {
  const validator = new HtmlValidate({ root: true, extends: ['html-validate:recommended'] })
  const report = await validator.validateString(html)
  const messages = report.results.flatMap((result) => result.messages)
  return messages.map(({ ruleId, message, line, column }) => `html-validate, ${line}:${column}, ${ruleId}: ${message}`)
}

// What is wrong with a page at every width, in both schemes and on paper. `origin` is what it may ask; `axe` is for which
// widths axe-core runs. `prepare` is done first in the page, and `structure` is filled with the elements of the page and
// the names of their attributes.
export async function look(browser, url, { origin = url, widths = WIDTHS, axe = widths, paper = true, prepare, structure } = {}) {
  const findings = new Set()
  const context = await browser.newContext({ viewport: { width: widths[0], height: 900 }, bypassCSP: false })
  // A machine that does much else is slow, and not wrong.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) findings.add(`asks for ${request.url().slice(0, 200)}`)
  })
  page.on('dialog', (dialog) => {
    findings.add(`opens a dialog: ${dialog.message()}`)
    dialog.dismiss()
  })
  page.on('popup', () => findings.add('opens a window'))
  page.on('console', (message) => findings.add(`writes to the console: ${message.text().slice(0, 300)}`))
  page.on('pageerror', (error) => findings.add(`has a script that fails: ${error.message}`))
  await page.addInitScript(() => {
    window.refused = []
    addEventListener('securitypolicyviolation', (event) => window.refused.push(event.effectiveDirective))
  })
  await page.goto(url)
  if (prepare) await page.evaluate(prepare)
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true }))
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const found of await page.evaluate(layout)) findings.add(`${width}, ${scheme}: ${found}`)
      if (!axe.includes(width)) continue
      await page.evaluate(AXE)
      const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
      for (const { id, help, nodes } of violations) {
        findings.add(`${width}, ${scheme}: axe-core, ${id}: ${help}: ${nodes[0].html.slice(0, 160)} (${nodes.length})`)
      }
    }
  }
  if (structure) structure.push(...await page.evaluate(elements))
  if (paper) for (const found of await onPaper(page)) findings.add(found)
  const { ran, refused } = await page.evaluate(() => ({ ran: window.ran, refused: window.refused }))
  if (ran !== undefined) findings.add('runs what is in a text')
  for (const directive of refused) findings.add(`tries what its policy refuses: ${directive}`)
  await context.close()
  return [...findings]
}

// In the page: what does not fit, or cannot be read in a drawing. axe-core does not look into drawings.
function layout() {
  const found = []
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) {
    const reach = (element) => element.getBoundingClientRect().right
    const scrolls = (element) => element.closest('.wide')?.contains(element.parentElement)
    const outside = [...document.body.querySelectorAll('*')].filter((element) => reach(element) > root.clientWidth + 1 && !scrolls(element))
    const widest = outside.at(-1)?.outerHTML.slice(0, 80) ?? ''
    found.push(`is ${root.scrollWidth} pixels wide, and has ${outside.length} elements beyond its edge, the last of them ${widest}`)
  }
  const luminance = (color) => {
    const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
    const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  for (const svg of document.querySelectorAll('svg')) {
    const black = [...svg.querySelectorAll('path, rect')].find((shape) => getComputedStyle(shape).fill === 'rgb(0, 0, 0)')
    if (black) found.push(`has a shape without a colour in a drawing: ${black.outerHTML.slice(0, 80)}`)
    const outer = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')].map((text) => {
      // Chromium puts some space above and below the letters.
      const { left, right, top, bottom } = text.getBoundingClientRect()
      const air = (bottom - top) * 0.2
      return { text, left, right, top: top + air, bottom: bottom - air }
    })
    texts.forEach((one, at) => {
      const words = one.text.textContent
      if (one.left < outer.left - 1 || one.right > outer.right + 1 || one.top < outer.top - 1 || one.bottom > outer.bottom + 1) {
        found.push(`'${words}' is cut off by its drawing`)
      }
      const size = parseFloat(getComputedStyle(one.text).fontSize) * svg.getScreenCTM().a
      if (size < 9.5) found.push(`'${words}' is ${size.toFixed(1)} pixels high`)
      for (const other of texts.slice(at + 1)) {
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
        const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
        if (wide > 1 && high > 1) found.push(`'${words}' is over '${other.text.textContent}'`)
      }
      const { fill, stroke } = getComputedStyle(one.text)
      const [light, dark] = [fill, stroke].map(luminance).sort((a, b) => b - a)
      if ((light + 0.05) / (dark + 0.05) < 4.5) found.push(`'${words}' has too little contrast in its drawing`)
    })
  }
  return found
}

// In the page: its elements and the names of their attributes. Text between backticks is meant to become code.
function elements() {
  return [...document.querySelectorAll(':not(code)')].map((element) => [element.localName, ...element.getAttributeNames().sort()].join(' '))
}

// What is wrong with the page on paper: its first heading has to be there, and the end of it.
async function onPaper(page) {
  const folder = mkdtempSync(join(tmpdir(), 'paper-'))
  try {
    const fold = (open) => page.evaluate((open) => document.querySelectorAll('details').forEach((details) => { details.open = open }), open)
    await fold(false)
    // What a browser prints on is white, whatever the screen is; the width is that of A4 without its margins.
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    await page.setViewportSize({ width: 703, height: 900 })
    const found = await page.evaluate(() => {
      const cut = [...document.querySelectorAll('.wide')].filter((wide) => wide.scrollWidth > wide.clientWidth)
      const ink = getComputedStyle(document.body).color
      return [...cut.map((wide) => `on paper: '${wide.getAttribute('aria-label')}' is ${wide.scrollWidth} pixels wide`),
        ...(/rgb\((\d\d?), (\d\d?), (\d\d?)\)/.test(ink) ? [] : [`on paper: ${ink} on white`])]
    })
    const file = join(folder, 'page.pdf')
    writeFileSync(file, await page.pdf({ format: 'A4' }))
    const printed = execFileSync('pdftotext', [file, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 })
    // What is one line on the screen may be several on paper, broken anywhere, and its ligatures one letter.
    const letters = (text) => text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '').slice(0, 200)
    // The cells of a row may be read column by column; with -layout they are read line by line.
    const lines = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 })
    const everything = (printed + lines).normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '')
    if (!printed.includes('\f')) found.push('on paper: no pages')
    // The rows of cards have long texts, whose lines are between those of other cells in a PDF file.
    for (const which of ['h1', 'p.note strong', 'details:not(:has(.cards)) tbody tr:last-child', 'footer p:last-child']) {
      const text = await page.evaluate((which) => document.querySelector(which)?.textContent ?? '', which)
      // Text from right to left is in another order in a PDF file.
      if (!/[\u0590-\u06ff]/.test(text) && !everything.includes(letters(text))) found.push(`on paper: '${text.slice(0, 80)}' is missing`)
    }
    await fold(true)
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}
