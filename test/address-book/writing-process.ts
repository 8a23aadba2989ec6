// Writes a book to a datastore on disk until it is killed, and prints what is written: `node writing-process.ts <folder> <peer ids>`
import { peerIdFromString } from '@libp2p/peer-id'
import { LevelDatastore } from 'datastore-level'
import { addr, node, SECOND } from './kit.ts'

const [folder = '', ids = ''] = process.argv.slice(2)
const peers = ids.split(',').map(id => peerIdFromString(id))
const datastore = new LevelDatastore(folder)
await datastore.open()
const { book, clock } = node({ datastore })
await book.start()

for (let round = 0; ; round++) {
  book.removeReports('user')
  peers.forEach(peer => book.observe(peer, addr(round), { source: 'user' }))
  await book.stop()
  await clock.advance(SECOND)
  await book.start()
  process.stdout.write(`${round}\n`)
}
