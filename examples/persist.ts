// Keeps addresses, dial history and bans over a restart. Guide: docs/guides/persist.md
import { LevelDatastore } from 'datastore-level'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { addressBook } from 'libp2p-dial-pipeline/address-book'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import type { Libp2pOptions } from 'libp2p'

/**
 * Starts a node that persists into a folder. Returns the node, and a function that stops it and closes the folder
 *
 * @throws errors of LevelDB, for example when another process has the folder open
 */
export async function startPersistent (folder: string, options: Libp2pOptions) {
  const datastore = new LevelDatastore(folder)
  await datastore.open()

  try {
    const node = await createLibp2p({
      ...options,
      datastore,
      services: {
        addressBook: addressBook({ persist: true }),
        dialer: dialer(adaptive(), { history: { persist: true }, bans: { persist: true } })
      }
    })

    return {
      node,
      stop: async () => {
        await node.stop()
        await datastore.close()
      }
    }
  } catch (err) {
    await datastore.close()
    throw err
  }
}
