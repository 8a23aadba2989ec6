import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { History } from '../../src/history/history.ts'
import { historyStore } from '../../src/history/store.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, silent, to } from './learning.ts'

const peer = await newPeer()
const one = to('/ip4/7.7.7.7/udp/1/quic-v1', peer)
const taken = to('/ip4/9.9.9.9/tcp/1', peer)
const wrongPeer = Object.assign(new Error('x'), { name: 'UnexpectedPeerError' })

test('resetFailures() clears failures and path counts once', async t => {
  const { history, attempt, clock } = learning()
  attempt(taken, { fails: 80, heard: 30, error: wrongPeer })
  attempt(one, silent)
  attempt(one, silent)
  const { success } = history.estimate(one)
  history.resetFailures()

  t.is(history.failures(one), undefined)
  t.deepEqual(history.path('udp'), { successes: 0, failures: 0, failuresInARow: 0 })
  t.true(history.failures(taken)?.isWrongPeer)
  t.is(history.estimate(one).success, success)

  await clock.advance(10_000)
  attempt(one, silent)
  t.is(history.failures(one)?.count, 1)
  t.is(history.path('udp').failuresInARow, 1)
})

test('resetFailures() and networkChanged() call onNewNetwork', t => {
  const { history } = learning()
  let count = 0
  history.onNewNetwork = () => { count++ }
  history.resetFailures()
  t.is(count, 1)
  history.networkChanged('home')
  t.is(count, 2)
})

test('an outage that ends after resetFailures() restores no failure', async t => {
  const { history, attempt, clock } = learning()
  attempt(one, silent)
  history.connected(await newPeer())
  await clock.advance(10_000)
  attempt(one, silent)
  history.resetFailures()
  attempt(to('/ip4/8.8.8.8/tcp/1'), connects)

  t.is(history.failures(one), undefined)
})

test('records that resetFailures() changed are stored', async t => {
  const datastore = new MemoryDatastore()
  const { history, attempt, clock } = learning()
  const store = historyStore(history.networks, datastore, clock, silentLogger.forComponent('test'))
  await store.open()
  attempt(one, silent)
  await clock.advance(30_000)
  history.resetFailures()
  await store.close()

  const later = new History(clock)
  await historyStore(later.networks, datastore, clock, silentLogger.forComponent('test')).open()
  t.is(later.failures(one), undefined)
  t.is(later.path('udp').failuresInARow, 0)
})
