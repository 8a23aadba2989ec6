import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { Networks } from '../../src/history/networks.ts'
import { Knowledge } from '../../src/history/knowledge.ts'
import { belief } from '../../src/history/belief.ts'
import { connects, learning, silent, tcp } from './learning.ts'

test('eight networks are remembered, and more evict the oldest', t => {
  const forgotten: unknown[] = []
  const networks = new Networks(touched => new Knowledge(belief(), touched))
  networks.onChange = (network, level) => { if (level == null) { forgotten.push(network) } }
  Array.from({ length: 8 }, (_, n) => { networks.change(`${n}`) })
  t.deepEqual(forgotten, [undefined])
  networks.change('0')
  networks.change('8')
  t.deepEqual(forgotten, [undefined, '1'])
  networks.change()
  t.deepEqual(forgotten, [undefined, '1', '2'])
  networks.change('9')
  t.deepEqual(forgotten, [undefined, '1', '2', undefined])
  t.true(networks.current === networks.get('9'))
})

test('the current network is never evicted, however many are read', t => {
  for (const name of [undefined, 'home']) {
    const networks = new Networks(touched => new Knowledge(belief(), touched))
    networks.change(name)
    Array.from({ length: 9 }, (_, n) => { networks.make(`${n}`) })
    networks.trim()
    t.true(networks.get(name) === networks.current)
    t.true(networks.get('0') == null)
    t.true(networks.get('1') != null)
  }
})

test('evidence of a network is restored when the node returns to it', async t => {
  const { history, attempt } = learning()
  const peer = await newPeer()
  const one = tcp(1, peer)
  const unknown = history.estimate(one)
  attempt(one, silent)
  history.networkChanged('home')
  t.deepEqual(history.estimate(one), unknown)

  attempt(one, connects)
  const home = history.estimate(one)
  history.networkChanged('café')
  t.deepEqual([history.estimate(one), history.online(peer)], [unknown, 0.75])

  history.networkChanged('home')
  t.deepEqual(history.estimate(one), home)

  // the network without a name was forgotten
  history.networkChanged()
  t.deepEqual(history.estimate(one), unknown)
})
