import { stage } from '../../../src/stages/index.ts'
import type { Case } from './case.ts'
import type { ConnectedDial } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The number of dials that have begun, which a stage may not count */
let begun = 0

const below = (run: (connections: AsyncIterable<Connection>, dial: ConnectedDial) => AsyncIterable<Connection>): ReturnType<typeof stage<'by-hand'>> => stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run })

export const brokenConnections: readonly Case[] = [
  {
    name: 'a stage below a race that passes none on',
    says: /was given a connection, and discarded one that the fixture says it passes on/,
    fixture: { connection: {} },
    make: () => below(async function * (connections, dial) {
      for await (const one of connections) {
        dial.discard(one)
        yield * []
      }
    })
  },
  {
    name: 'a stage below a race that neither passes one on nor gives it back',
    says: /was given a connection, and yielded none at once: yield the connection, or call dial\.discard\(\)/,
    make: () => below(async function * (connections) {
      for await (const one of connections) {
        yield * one.newStream == null ? [one] : []
      }
    })
  },
  {
    name: 'a stage below a race that yields one twice',
    says: /yielded 2 at once/,
    make: () => below(async function * (connections) {
      for await (const one of connections) {
        yield one
        yield one
      }
    })
  },
  {
    name: 'a stage below a race that yields a copy',
    says: /yielded a connection that it was not given/,
    make: () => below(async function * (connections) { for await (const one of connections) yield { ...one, newStream: one.newStream } })
  },
  { name: 'a stage below a race that yields text', says: /where a connection was expected/, make: () => below(async function * (connections) { for await (const one of connections) yield `${one.remoteAddr}` as any }) },
  { name: 'a stage below a race that answers nothing', says: /write it as async function \*/, make: () => below(() => undefined as any) },
  {
    name: 'a stage below a race that hides its failure',
    says: /ended without an error/,
    make: () => below(async function * (connections) {
      try {
        yield * connections
      } catch {}
    })
  },
  {
    name: 'a stage below a race that discards the connections of every second dial',
    says: /in two equal dials there was .*a connection to \/ip4\/\S+ at 0 ms/,
    make: () => below(async function * (connections, dial) {
      const isDiscarding = ++begun % 2 === 0

      for await (const one of connections) {
        if (isDiscarding) {
          dial.discard(one)
        } else {
          yield one
        }
      }
    })
  },
  {
    name: 'a stage below a race that takes one connection ahead',
    says: /1 connections that the stage had taken are neither yielded nor discarded/,
    make: () => below(async function * (connections) {
      const taken = connections[Symbol.asyncIterator]()
      const { done, value } = await taken.next()

      if (done !== true) {
        const next = taken.next()
        yield value
        const { done, value: second } = await next

        if (done !== true) {
          yield second
          yield * { [Symbol.asyncIterator]: () => taken }
        }
      }
    })
  },
  {
    name: 'a stage below a race that keeps what it takes',
    says: /neither yielded nor discarded/,
    make: () => below(async function * (connections) {
      let isFirst = true

      for await (const one of connections) {
        if (isFirst) {
          isFirst = false
          yield one
        }
      }
    })
  }
]
