import test from 'ava'
import { CheckLimiter } from '../../src/dialer/check-limiter.ts'
import { settled } from '../../src/testing/index.ts'

/** Runs checks that end on demand, and tells which have started */
function checks (): { begun: string[], run: (peer: string, name: string) => Promise<void>, end: (name: string) => Promise<void> } {
  const limiter = new CheckLimiter()
  const { signal } = new AbortController()
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const begun: string[] = []

  return {
    begun,
    run: async (peer, name) => limiter.run(peer, async () => {
      begun.push(name)
      const end = Promise.withResolvers<void>()
      ends.set(name, end)
      await end.promise
    }, signal),
    end: async name => {
      ends.get(name)?.resolve()
      await settled()
    }
  }
}

test('a peer has at most 4 checks in flight, and the next one starts when one ends', async t => {
  const { begun, run, end } = checks()
  'abcdefg'.split('').forEach(name => { void run('one', name) })
  void run('other', 'z')
  await settled()
  t.is(begun.join(''), 'abcdz')

  await end('b')
  void run('one', 'h')
  await settled()
  t.is(begun.join(''), 'abcdze')

  for (const name of 'acdefg') {
    await end(name)
  }

  t.is(begun.join(''), 'abcdzefgh')
  'ijkl'.split('').forEach(name => { void run('one', name) })
  await settled()
  t.is(begun.join(''), 'abcdzefghijk')
})

test('a node has at most 64 checks in flight', async t => {
  const { begun, run, end } = checks()

  for (let i = 0; i < 66; i++) {
    void run(`${i}`, `${i}`)
  }

  await settled()
  t.is(begun.length, 64)
  await end('0')
  t.is(begun.length, 65)
})
