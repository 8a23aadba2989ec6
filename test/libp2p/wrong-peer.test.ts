import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, listening } from './kit.ts'

// libp2p 3.3 accepts any peer when the wanted id is only the hash of a key, like those of RSA keys
test('another peer at the address of an RSA peer is not accepted', async t => {
  const [node, remote, key] = await Promise.all([dialling(t, staggered()), listening(t), generateKeyPair('RSA')])
  const [address] = addressesOf(remote)
  const wanted = peerIdFromPrivateKey(key)
  const claimed = address.decapsulate('/p2p').encapsulate(`/p2p/${wanted}`)

  await t.throwsAsync(node.dial(claimed), { name: 'UnexpectedPeerError', message: new RegExp(`^Dialed peer ${wanted} but connected to ${remote.peerId}`) })
  t.is(await until(() => node.getConnections().length, count => count === 0), 0)
  t.is(await until(() => remote.getConnections().length, count => count === 0), 0)
})

test('an RSA peer is accepted', async t => {
  const privateKey = await generateKeyPair('RSA')
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t, { privateKey })])

  t.true((await node.dial(addressesOf(remote)[0])).remotePeer.equals(peerIdFromPrivateKey(privateKey)))
})
