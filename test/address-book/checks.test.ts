// what the book says of arguments that it cannot use
import test from 'ava'
import { addressBook, openRecord, withProvenance } from '../../src/address-book/index.ts'
import { adaptive } from '../../presets/index.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { addr, newPeers, node } from './kit.ts'

const [peer, other] = await newPeers(2) as [any, any]
const id = String(peer)
const { book } = node()
const anything = book as any

for (const [call, wrong, message] of [
  ['query()', () => anything.query(), 'query() needs a peer id, not undefined'],
  ['query() of a text', () => anything.query(id), `query() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['query() of two peers', () => anything.query(peer, other), `query() takes 1 argument, and was given ${other} beside it: call it once for each peer`],
  ['query() of an array', () => anything.query([peer, other]), 'query() needs a peer id, not an array of 2'],
  ['explain()', () => anything.explain(), 'explain() needs a peer id, not undefined'],
  ['records() of an array', () => anything.records([peer]), 'records() needs a peer id, not an array of 1: write records(...peers)'],
  ['records() of a text', () => anything.records(peer, id), `records() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['subscribe() of a listener', () => anything.subscribe(() => {}), 'subscribe() needs a peer id, or undefined for all, not a function: write subscribe(undefined, listener)'],
  ['subscribe() without a listener', () => anything.subscribe(peer), 'subscribe() needs a function, not undefined'],
  ['withdraw() of a peer', () => anything.withdraw('dht', peer), `withdraw() needs an object of options, not ${id}`],
  ['forget() of an address', () => anything.forget(peer, addr(1)), `forget() needs an object of options, not ${addr(1)}`],
  ['observe() without a source', () => anything.observe(peer, addr(1), other), `observe() needs an object of options, not ${other}: write { reporter: … }`]
] as const) {
  test(`${call} is refused in words`, t => {
    t.throws(wrong, { name: 'InvalidParametersError', message })
  })
}

for (const [what, bytes, text] of [['nothing', undefined, 'a record is a Uint8Array, not undefined'], ['a text', 'abc', "a record is a Uint8Array, not 'abc'"], ['an array', [1, 2], 'a record is a Uint8Array, not an array of 2']] as const) {
  test(`consumeRecord() and openRecord() of ${what} say what a record is`, async t => {
    const refused = { status: 'refused', reason: 'malformed', text }
    t.deepEqual(await openRecord(bytes as any), refused as any)
    t.deepEqual(await book.consumeRecord(bytes as any), refused as any)
  })
}

test('a wrong option of consumeRecord() is told of consumeRecord()', async t => {
  await t.throwsAsync(book.consumeRecord(new Uint8Array(), { peer } as any), { name: 'InvalidParametersError', message: /^consumeRecord\(\) has no option "peer"/ })
})

test('withProvenance() says which service is no function', t => {
  t.throws(() => withProvenance({ services: { dialer: adaptive() as any } }), {
    name: 'InvalidParametersError',
    message: 'withProvenance() needs a function as services.dialer, not the stage "pipeline": write dialer(…), with import { dialer } from \'libp2p-dial-pipeline\''
  })
  t.throws(() => withProvenance({ services: { other: {} as any } }), { name: 'InvalidParametersError', message: /^withProvenance\(\) needs a function as services\.other, not an object/ })
})

test('a node does not start with an address book of another name, which no dialer would find', async t => {
  await t.throwsAsync(createMemoryNode({ services: { book: addressBook() } }), {
    name: 'InvalidParametersError',
    message: 'The address book has to be the service "addressBook", where a dialer looks for it: write services: { addressBook: addressBook() }'
  })
})
