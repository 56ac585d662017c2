// Starts a controller of the embedded tenants, for those who look at its pages.
import { spawn } from 'node:child_process'

// Its address once it is ready and has counted people, and what ends it. The policies are in a folder; `env` is its whole
// environment.
export async function startController(program, folder, env) {
  const child = spawn(program, ['controller', '--sandbox', '--count-people', '--listen', '127.0.0.1:0'], { cwd: folder, env })
  let said = ''
  const ended = new Promise((done) => child.on('exit', done))
  const address = await new Promise((found, failed) => {
    child.stderr.on('data', (data) => {
      said += data
      const address = said.match(/http:\/\/[\d.:]+/)
      if (address) found(address[0])
    })
    child.on('exit', () => failed(new Error(`the controller ended: ${said}`)))
  })
  const isReady = async () => {
    if ((await fetch(`${address}/readyz`)).status !== 200) return false
    const { tenants } = await (await fetch(`${address}/status`)).json()
    const day = env.SSPRCTL_AS_OF ?? new Date().toISOString().slice(0, 10)
    return Object.values(tenants).every((tenant) => tenant.people?.day === day)
  }
  for (let tries = 0; !await isReady(); tries += 1) {
    if (tries > 300) throw new Error(`the controller is not ready: ${said}`)
    await new Promise((later) => setTimeout(later, 400))
  }
  const end = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return [address, end]
}

// Lets controllers count people on earlier days; `before` is done before each.
export async function countOnDays(program, folder, env, days, before = () => {}) {
  for (const day of days) {
    before(day)
    const [, end] = await startController(program, folder, { ...env, SSPRCTL_AS_OF: day })
    await end()
  }
}
