import { dialable, filter, fromCaller, fromPeerStore, gater, pace, pipeline, race, source, stage, take } from '../../src/stages/index.ts'
import type { AttemptLayer } from '../../src/stages/index.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Counts what has begun in a pipeline and has not ended: generators, and the runs of list stages */
export class Generators {
  begun = 0
  ended = 0

  /** Whether the source goes on for as long as the dial does. A dial that fails ends only if it does not */
  endless = true

  get running (): number {
    return this.begun - this.ended
  }

  /** Starts every address at once, that is 10 ms after the one before; a source, list stages and what flows below the race are counted */
  pipeline (attempt?: readonly AttemptLayer[]) {
    return pipeline(
      fromCaller(),
      // a transport dials a relay by its peer id
      fromPeerStore({ when: 'empty' }),
      this.#flow('above'),
      source('counted-source', dial => this.#count(this.#wait(dial.signal))),
      dialable(),
      gater(),
      filter('slow', async () => true),
      this.#flow('between'),
      take(),
      pace('at-once', () => 0),
      this.#flow('below'),
      race({ attempt }),
      stage({ name: 'connected', accepts: ['connections'], yields: 'connections', run: connections => this.#count(connections) })
    )
  }

  /** Finds nothing */
  async * #wait (signal: AbortSignal): AsyncGenerator<Multiaddr> {
    yield * []

    if (this.endless && !signal.aborted) {
      await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
    }
  }

  #flow<const N extends string> (name: N) {
    return stage(name, ({ signal }) => {
      this.begun++
      signal.addEventListener('abort', () => { this.ended++ }, { once: true })

      return ({ candidates }) => candidates
    })
  }

  async * #count<T> (items: AsyncIterable<T>): AsyncGenerator<T> {
    this.begun++

    try {
      yield * items
    } finally {
      this.ended++
    }
  }
}
