import { sleep } from '../../../src/pipeline/clock.ts'
import { Follow } from '../../../src/pipeline/follow.ts'
import { Wake } from '../../../src/pipeline/wake.ts'
import { settling } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Connection } from '@libp2p/interface'

export const settlings: Case[] = [
  {
    name: 'a stage that passes every connection on',
    breaks: [],
    make: () => settling(source => source)
  },
  {
    name: 'a stage that passes the first connection on, and gives the others back',
    breaks: [],
    make: () => {
      return settling(async function * (source, dial) {
        let first: Connection | undefined

        for await (const connection of source) {
          if (first == null) {
            first = connection
            yield first
          } else {
            dial.discard(connection)
          }
        }
      })
    }
  },
  {
    name: 'a stage that holds the first connection back',
    breaks: [3, 13],
    make: () => {
      return settling(async function * (source, dial) {
        for await (const connection of source) {
          await sleep(100, dial.clock, dial.signal)
          yield connection
        }
      })
    }
  },
  {
    name: 'a stage that ends without a connection',
    breaks: [3],
    make: () => {
      return settling(async function * (source, dial) {
        const wake = new Wake()
        const upstream = new Follow(source, wake)
        const cancel = dial.clock.setTimeout(() => { wake.notify() }, 1_000)

        try {
          await wake.wait(dial.signal)
          const connection = upstream.take()

          if (connection != null) {
            yield connection
          }
        } finally {
          cancel()
          upstream.leave(late => { dial.discard(late) })
        }
      })
    }
  },
  {
    name: 'a stage that yields another connection than it was given',
    breaks: [5, 13],
    make: () => {
      return settling(async function * (source) {
        for await (const connection of source) {
          yield Object.create(connection)
        }
      })
    }
  },
  {
    name: 'a last stage that swallows the failure of the race',
    breaks: [10],
    make: () => {
      return settling(async function * (source, dial) {
        try {
          yield * source
        } catch {
          dial.signal.throwIfAborted()
        }
      })
    }
  },
  {
    name: 'a stage that lingers on the platform\'s timer',
    breaks: [11],
    make: () => {
      return settling(async function * (source) {
        for await (const connection of source) {
          yield connection
          setTimeout(() => {}, 1)
        }
      })
    }
  },
  {
    name: 'a stage that lingers whatever the signal says',
    breaks: [12, 13],
    make: () => {
      return settling(async function * (source, dial) {
        for await (const connection of source) {
          yield connection
          await sleep(2_000, dial.clock, new AbortController().signal)
        }
      })
    }
  },
  {
    name: 'a stage that keeps connections to itself',
    breaks: [13],
    make: () => {
      return settling(async function * (source) {
        let yielded = false
        const held: Connection[] = []

        for await (const connection of source) {
          if (yielded) {
            held.push(connection)
          } else {
            yielded = true
            yield connection
          }
        }
      })
    }
  },
  {
    name: 'a stage that reads an option that it does not declare',
    breaks: [14],
    make: () => {
      return settling(async function * (source, dial) {
        if (!('quiet' in dial.options)) {
          yield * source
        }
      })
    }
  }
]
