// A file to copy: the nodes of a fleet share what they learn by dialling, through a store that the fleet runs already.
// docs/guides/share-knowledge-in-a-fleet.md says what that is good for, and how to write the store for Redis
import type { Dialer } from 'libp2p-dial-pipeline'

/** Where each node of the fleet keeps one text, which every node can read */
export interface SharedStore {
  /** Keeps the text of a node in the place of its last one: for a day, because a node that is gone is not to be heard for ever */
  put: (name: string, text: string) => Promise<unknown>
  /** Returns the texts of all nodes */
  all: () => Promise<readonly string[]>
}

export interface ExchangeInit {
  /** The name of the node in the store */
  readonly name: string
  /** Is told of a text that cannot be read. The others are read nevertheless */
  readonly onError: (error: unknown) => void
}

/**
 * Takes what the other nodes have learnt, and puts what this one has learnt. Returns how many peers are news in each text, added up. Call it when the node
 * starts, every ten minutes or so, and before the node stops
 *
 * @throws what the store throws
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
