import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { dose } from '../../support/dose.ts'
import { connects } from '../learning.ts'
import { beliefIn, changed, node, one, peer, two } from './fleet.ts'

const first = node()
first.tell(one, connects)
const text = await first.history.export()
const row = JSON.parse(text).peers[0]

/** Returns a text with this as its only peer */
const ofPeer = (peer: unknown): string => changed(text, object => { object.peers = [peer] })
const ofAddress = (address: unknown): string => ofPeer([row[0], row[1], [address]])
const [address] = row[2]

const WRONG: Record<string, unknown> = {
  'no text': 5,
  null: null,
  undefined,
  bytes: new TextEncoder().encode(text),
  'the object of a text': JSON.parse(text),
  empty: '',
  'not JSON': `${text},`,
  'null as JSON': 'null',
  'a list': '[]',
  'a text that is too long': text + ' '.repeat(1_048_577 - text.length),
  'an older version': changed(text, object => { object.version = 0 }),
  'a newer version': changed(text, object => { object.version = 2 }),
  'an unknown key': changed(text, object => { object.more = 1 }),
  'no member': changed(text, object => { delete object.member }),
  'a member of another form': changed(text, object => { object.member = 'me' }),
  'a member in capitals': changed(text, object => { object.member = object.member.toUpperCase().replace(/./, 'A') }),
  'no time': changed(text, object => { object.at = null }),
  'a negative time': changed(text, object => { object.at = -1 }),
  'a time that no date has': changed(text, object => { object.at = 8.65e15 }),
  'no peers': changed(text, object => { delete object.peers }),
  'peers by name': changed(text, object => { object.peers = { a: row } }),
  'a peer that is null': ofPeer(null),
  'a peer that is no list': ofPeer({ length: 3 }),
  'a peer without a name': ofPeer([null, row[1], row[2]]),
  'a name of 257 characters': ofPeer(['x'.repeat(257), row[1], []]),
  'a peer with more': ofPeer([...row, 1]),
  'a peer without counts': ofPeer([row[0], null, row[2]]),
  'two counts': ofPeer([row[0], [1, 0], row[2]]),
  'four counts': ofPeer([row[0], [1, 0, 0, 0], row[2]]),
  'a negative count': ofPeer([row[0], [-1, 0, 0], row[2]]),
  'a count above 1,000': ofPeer([row[0], [0, 1_001, 0], row[2]]),
  'a count that is text': ofPeer([row[0], ['1', 0, 0], row[2]]),
  'an age of the future': ofPeer([row[0], [1, 0, -1], row[2]]),
  'no addresses': ofPeer([row[0], row[1]]),
  '65 addresses': ofPeer([row[0], row[1], Array.from({ length: 65 }, () => address)]),
  'an address that is text': ofAddress('/ip4/7.7.7.7/tcp/1'),
  'an address that is a number': ofAddress([5, ...address.slice(1)]),
  'an invalid multiaddr': ofAddress(['/ip4/7.7.7.777/tcp/1', ...address.slice(1)]),
  'a multiaddr that is written otherwise': ofAddress(['/ip6/2A01:0::1/tcp/1', ...address.slice(1)]),
  'an address of 1,025 bytes': ofAddress([`/dns4/${'x'.repeat(1_100)}/tcp/1`, ...address.slice(1)]),
  'an address with more': ofAddress([...address, 1]),
  'an address without an age': ofAddress(address.slice(0, 3)),
  'a peer id that is none': ofPeer(['no/body', row[1], row[2]])
}

for (const [what, wrong] of Object.entries(WRONG)) {
  test(`merge() throws for ${what}`, async t => {
    const { history } = node()
    const error = await t.throwsAsync(history.merge(wrong as string), { name: 'InvalidParametersError' })

    t.true(error.message.startsWith('merge() needs a text that export() has returned, '))
    t.true(error.message.length < 200)
  })
}

test('merge() leaves out a private address', async t => {
  t.is(await node().history.merge(ofAddress(['/ip4/10.0.0.1/tcp/1', ...address.slice(1)])), 0)
})

test('merge() accepts a text of 1,048,576 characters', async t => {
  t.is(await node().history.merge(text + ' '.repeat(1_048_576 - text.length)), 1)
})

test('merge() accepts 64 addresses of a peer', async t => {
  const addresses = Array.from({ length: 64 }, (_, n) => [`/ip4/7.7.7.7/tcp/${n + 1}`, 1, 0, 0])

  t.is(await node().history.merge(ofPeer([row[0], row[1], addresses])), 1)
})

test('merge() of a text whose last peer is invalid changes nothing', async t => {
  const { history } = node()
  await t.throwsAsync(history.merge(changed(text, object => { object.peers.push(null) })), { name: 'InvalidParametersError' })

  t.is(history.online(peer), 0.75)
})

test('merge() refuses a text from more than ten minutes in the future, and takes a nearer one as now', async t => {
  const { history, clock } = node()
  const later = (ms: number): string => changed(text, object => { object.at += ms })
  const error = await t.throwsAsync(history.merge(later(600_001)), { name: 'InvalidParametersError' })
  t.regex(error.message, /1970-01-12T13:56:40\.001Z.*clocks/)
  t.is(await history.merge(later(600_000)), 1)
  t.is(await history.merge(later(600_000)), 0)
  await clock.advance(600_000)
  t.is(await history.merge(later(600_000)), 1, 'ten minutes newer, and never again')
  await clock.advance(600_000)
  t.is(await history.merge(later(600_000)), 0)
})

/** A text in which any part is replaced by any JSON */
const broken = fc.tuple(fc.array(fc.nat(6), { maxLength: 5 }), fc.jsonValue()).map(([path, value]) => changed(text, object => {
  let at = object

  for (const step of path) {
    const keys = Object.keys(at)
    const key = keys[step % keys.length] ?? '0'

    if (typeof at[key] !== 'object' || at[key] === null || step === path.at(-1)) {
      at[key] = value
      return
    }

    at = at[key]
  }
}))

testProp('merge() of any text throws InvalidParametersError or leaves usable estimates', [fc.oneof(broken, fc.string(), fc.json())], async (t, wrong) => {
  const fresh = node()

  try {
    await fresh.history.merge(wrong)
  } catch (err) {
    t.is((err as Error).name, 'InvalidParametersError')
  }

  for (const candidate of [one, two]) {
    const [success = NaN, valid = NaN, median = NaN] = beliefIn(fresh, candidate)
    t.true(success >= 0.25 && success <= 0.75, `success ${success}`)
    t.true(valid > 0 && valid <= 0.97, `valid ${valid}`)
    t.true(median > 0, `median ${median}`)
  }

  t.true(fresh.history.online(peer) >= 0.375 && fresh.history.online(peer) <= 0.875, `online ${fresh.history.online(peer)}`)
}, { numRuns: dose(300) })
