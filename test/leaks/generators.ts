import { dialable, filter, fromCaller, fromPeerStore, gater, pace, pipeline, race, source, stage, take } from '../../src/stages/index.ts'
import type { AttemptLayer } from '../../src/stages/index.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Counts the generators and list stages of a pipeline that have begun and not ended */
export class Generators {
  begun = 0
  ended = 0

  /** Whether the source runs as long as the dial. A dial that should fail needs a source that ends */
  endless = true

  get running (): number {
    return this.begun - this.ended
  }

  /** Returns a pipeline that starts every address immediately, 10 ms apart. It counts a source, list stages, and stages below the race */
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

  /** Finds nothing until the dial ends */
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
