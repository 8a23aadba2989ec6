// Shares what the nodes of a fleet learn by dialling, through a store that the fleet already runs.
// Guide: docs/guides/share-knowledge-in-a-fleet.md, which also shows a store for Redis
import type { Dialer } from 'libp2p-dial-pipeline'

/** Store with one text for each node, which every node can read */
export interface SharedStore {
  /** Replaces the node's text. Expires it after a day, so that nodes that are gone are forgotten */
  put: (name: string, text: string) => Promise<unknown>
  /** Returns the texts of all nodes */
  all: () => Promise<readonly string[]>
}

export interface ExchangeInit {
  /** Name of the node in the store */
  readonly name: string
  /** Called with the error of a text that cannot be read. Other texts are still merged */
  readonly onError: (error: unknown) => void
}

/**
 * Merges the history of the other nodes and stores this node's. Returns the number of peers with news, summed over all texts. Call it at
 * the start, about every ten minutes, and before the node stops
 *
 * @throws errors of the store
 */
export async function exchangeHistory ({ history }: Pick<Dialer, 'history'>, store: SharedStore, { name, onError }: ExchangeInit): Promise<number> {
  let news = 0

  for (const text of await store.all()) {
    try {
      news += await history.merge(text)
    } catch (err) {
      onError(err)
    }
  }

  await store.put(name, await history.export())

  return news
}
