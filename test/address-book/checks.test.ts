// errors for arguments that the book refuses
import test from 'ava'
import { addressBook, openRecord, withProvenance, withSource } from '../../src/address-book/index.ts'
import { adaptive } from '../../presets/index.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { addr, newPeers, node } from './kit.ts'

const [peer, other] = await newPeers(2) as [any, any]
const id = String(peer)
const { book } = node()
const anything = book as any
const owner = book.owner('dcutr')
const pin = owner.pin(peer, { addresses: [addr(1)] })
const factory = (): object => ({})

for (const [call, wrong, message] of [
  ['query()', () => anything.query(), 'query() needs a peer id, not undefined'],
  ['query() of a text', () => anything.query(id), `query() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['query() of two peers', () => anything.query(peer, other), `query() takes 1 argument, and was given ${other} beside it: call it once for each peer`],
  ['query() of an array', () => anything.query([peer, other]), 'query() needs a peer id, not an array of 2'],
  ['explain()', () => anything.explain(), 'explain() needs a peer id, not undefined'],
  ['records() of an array', () => anything.records([peer]), 'records() needs a peer id, not an array of 1'],
  ['records() of a text', () => anything.records(peer, id), `records() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['subscribe() of a listener', () => anything.subscribe(() => {}), 'subscribe() needs a peer id, or undefined for all, not a function'],
  ['subscribe() without a listener', () => anything.subscribe(peer), 'subscribe() needs a function, not undefined'],
  ['removeReports() of a peer', () => anything.removeReports('dht', peer), `removeReports() needs an object of options, not ${id}`],
  ['forget() of an address', () => anything.forget(peer, addr(1)), `forget() needs an object of options, not ${addr(1)}`],
  ['forget() of a text', () => anything.forget(id), `forget() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['invalidate() of a text', () => anything.invalidate(id, addr(1)), `invalidate() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['invalidate() of a text as the address', () => anything.invalidate(peer, `${addr(1)}`), `invalidate() needs a multiaddr, not '${addr(1)}': write multiaddr('${addr(1)}')`],
  ['removeReports() without a source', () => anything.removeReports(), 'removeReports() needs a name, not undefined'],
  ['removeReports() of an unknown option', () => anything.removeReports('dht', { peers: [peer] }), 'removeReports() has no option "peers": did you mean "peer"? It has: peer, reporter, multiaddr'],
  ['owner() of nothing', () => anything.owner(), 'The name of an owner has to be a string, not undefined'],
  ['owner() of an object without a prototype', () => anything.owner(Object.create(null)), 'The name of an owner has to be a string, not object'],
  ['owner() with quotas', () => anything.owner('app', { maxPeers: 1 }), 'owner() takes 1 argument, and was given an object with maxPeers beside it: the node gives quotas, with addressBook({ pins: { owners: { … } } })'],
  ['pin() of a text', () => (owner as any).pin(id), `pin() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['pin() of an unknown option', () => (owner as any).pin(peer, { address: addr(1) }), 'pin() has no option "address": did you mean "addresses"? It has: addresses, ttl, signal'],
  ['pin() for a time that is too long', () => owner.pin(peer, { ttl: 86_400_001 }), 'dcutr may not pin for 86400001 ms: 86400000 at most'],
  ['renew() for a text', () => (pin as any).renew('60000'), "renew() needs a number of milliseconds, more than 0, or Infinity, not '60000'"],
  ['renew() for a time that is too long', () => pin.renew(86_400_001), 'dcutr may not pin for 86400001 ms: 86400000 at most'],
  ['addressBook() of two', () => (addressBook as any)({}, {}), 'addressBook() takes 1 argument, and was given an object with no properties beside it'],
  ['addressBook() of an unknown option', () => addressBook({ maxPeer: 1 } as any), 'addressBook() has no option "maxPeer": did you mean "maxPeers"? It has: ttl, trust, pins, maxPeers, disconnectTtl, persist, clock'],
  ['addressBook() of unknown pins', () => addressBook({ pins: { owner: {} } as any }), 'addressBook({ pins }) has no option "owner": did you mean "owners"? It has: default, owners'],
  ['addressBook() of pins that are an array', () => addressBook({ pins: [] as any }), 'addressBook() needs an object with default and owners as pins, not an empty array'],
  ['addressBook() of pins that are a number', () => addressBook({ pins: 7 as any }), 'addressBook() needs an object with default and owners as pins, not 7'],
  ['addressBook() of unknown quotas', () => addressBook({ pins: { owners: { app: { peers: 1 } as any } } }), 'addressBook({ pins }) has no option "peers". It has: maxPeers, maxAddresses, maxTtl, evict'],
  ['addressBook() of unknown default quotas', () => addressBook({ pins: { default: { peers: 1 } as any } }), 'addressBook({ pins }) has no option "peers". It has: maxPeers, maxAddresses, maxTtl, evict'],
  ['withSource() of three', () => (withSource as any)('mine', factory, factory), 'withSource() takes 2 arguments, and was given a function beside them'],
  ['withSource() of a source that a record makes', () => withSource('certified', factory), "withSource() cannot claim 'certified': a verified record makes an address that. Write 'user' for addresses that you vouch for"],
  ['withSource() of an empty source', () => withSource('', factory), "withSource() needs a name, not ''"],
  ['withSource() of no function', () => withSource('mine', {} as any), 'withSource() needs a function, not an object with no properties'],
  ['withProvenance() of two', () => (withProvenance as any)({}, {}), 'withProvenance() takes 1 argument, and was given an object with no properties beside it'],
  ['withProvenance() of no object', () => (withProvenance as any)(7), 'withProvenance() needs the init of a node, as createLibp2p() takes it, not 7'],
  ['observe() of a text', () => anything.observe(id, addr(1), { source: 'dht' }), `observe() needs a peer id, not '${id}': write peerIdFromString('${id}')`],
  ['observe() of a text as the address', () => anything.observe(peer, `${addr(1)}`, { source: 'dht' }), `observe() needs a multiaddr or an array of multiaddrs, not '${addr(1)}': write [multiaddr('${addr(1)}')]`],
  ['observe() without a source', () => anything.observe(peer, addr(1), other), `observe() needs an object of options, not ${other}`]
] as const) {
  test(`${call} throws InvalidParametersError with a message`, t => {
    t.throws(wrong, { name: 'InvalidParametersError', message })
  })
}

for (const [what, bytes, text] of [['nothing', undefined, 'a record is a Uint8Array, not undefined'], ['a text', 'abc', "a record is a Uint8Array, not 'abc'"], ['an array', [1, 2], 'a record is a Uint8Array, not an array of 2']] as const) {
  test(`consumeRecord() and openRecord() refuse ${what} as malformed and say what a record is`, async t => {
    const refused = { status: 'refused', reason: 'malformed', text }
    t.deepEqual(await openRecord(bytes as any), refused as any)
    t.deepEqual(await book.consumeRecord(bytes as any), refused as any)
  })
}

test('an unknown option of consumeRecord() throws an error that names consumeRecord()', async t => {
  await t.throwsAsync(book.consumeRecord(new Uint8Array(), { peer } as any), { name: 'InvalidParametersError', message: /^consumeRecord\(\) has no option "peer"/ })
})

test('withProvenance() names the service that is not a function', t => {
  t.throws(() => withProvenance({ services: { dialer: adaptive() as any } }), {
    name: 'InvalidParametersError',
    message: 'withProvenance() needs a function as services.dialer, not the stage "pipeline"'
  })
  t.throws(() => withProvenance({ services: { other: {} as any } }), { name: 'InvalidParametersError', message: /^withProvenance\(\) needs a function as services\.other, not an object/ })
})

test('a node with an address book under another name than "addressBook" does not start', async t => {
  await t.throwsAsync(createMemoryNode({ services: { book: addressBook() } }), {
    name: 'InvalidParametersError',
    message: 'The address book has to be the service "addressBook", where a dialer looks for it: write services: { addressBook: addressBook() }'
  })
})
