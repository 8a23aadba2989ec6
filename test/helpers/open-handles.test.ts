import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import test from 'ava'
import { abortListeners, leftOpen, leftOpenAfterWait, openHandles } from './open-handles.ts'
import { silent } from './silent.ts'

test.serial('openHandles() and leftOpenAfterWait() leave nothing open themselves', async t => {
  t.deepEqual(await leftOpenAfterWait(openHandles()), {})
})

test.serial('leftOpenAfterWait() returns the timers and servers that are still open, and nothing once they are closed', async t => {
  const before = openHandles()
  const timer = setTimeout(() => {}, 60_000)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')

  t.deepEqual(await leftOpenAfterWait(before, 50), { Timeout: 1, TCPServerWrap: 1 })

  clearTimeout(timer)
  server.close()

  t.deepEqual(await leftOpenAfterWait(before), {})
})

test.serial('leftOpenAfterWait() sees both ends of a socket, and waits until they have closed', async t => {
  const listener = await silent()
  const before = openHandles()
  const socket = connect(listener.port, '127.0.0.1')
  await once(socket, 'connect')

  t.is(leftOpen(before)['TCPSocketWrap'], 2)

  socket.destroy()

  t.deepEqual(await leftOpenAfterWait(before), {})
  await listener.close()
})

test.serial('leftOpen() ignores handles that were closed meanwhile', async t => {
  const timer = setTimeout(() => {}, 60_000)
  const before = openHandles()
  clearTimeout(timer)

  t.deepEqual(leftOpen(before), {})
})

test('abortListeners() counts the listeners of a signal', t => {
  const { signal } = new AbortController()
  const listener = (): void => {}

  signal.addEventListener('abort', listener)
  t.is(abortListeners(signal), 1)

  signal.removeEventListener('abort', listener)
  t.is(abortListeners(signal), 0)
})
