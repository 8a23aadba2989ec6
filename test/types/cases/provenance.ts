import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { AddressBook } from '../../../src/address-book/address-book.ts'
import { withProvenance, withSource } from '../../../src/address-book/index.ts'
import type { Ping } from '@libp2p/ping'

const added = await createLibp2p(withProvenance({ services: { ping: ping() } }))
export const kept: Ping = added.services.ping
export const book: AddressBook = added.services.addressBook
export const problems: readonly string[] = added.services.provenance.problems

// error: Property 'pong' does not exist
export const pong = added.services.pong

class Other extends AddressBook {
  more = true
}

const own = await createLibp2p(withProvenance({ services: { addressBook: withSource('x', (components: any) => new Other(components)) } }))
export const isMore: boolean = own.services.addressBook.more

// error: Property 'ping' does not exist
export const none = own.services.ping

const bare = await createLibp2p(withProvenance({}))
export const third: AddressBook = bare.services.addressBook
