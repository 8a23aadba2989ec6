import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { NotFoundError } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import type { Pair } from 'interface-datastore'

/** A datastore on disk, with a folder for each part of a key */
export class FolderDatastore extends BaseDatastore {
  readonly #path: string

  constructor (path: string) {
    super()
    this.#path = path
  }

  override async put (key: Key, value: Uint8Array): Promise<Key> {
    await mkdir(dirname(this.#file(key)), { recursive: true })
    await writeFile(this.#file(key), value)

    return key
  }

  override async get (key: Key): Promise<Uint8Array> {
    try {
      return await readFile(this.#file(key))
    } catch {
      throw new NotFoundError(`No ${key.toString()}`)
    }
  }

  override async has (key: Key): Promise<boolean> {
    return this.get(key).then(() => true, () => false)
  }

  override async delete (key: Key): Promise<void> {
    await rm(this.#file(key), { force: true })
  }

  override async * _all (): AsyncGenerator<Pair> {
    for await (const key of this.#keys()) {
      yield { key, value: await this.get(key) }
    }
  }

  override _allKeys (): AsyncGenerator<Key> {
    return this.#keys()
  }

  async * #keys (): AsyncGenerator<Key> {
    for (const entry of await readdir(this.#path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        yield new Key(relative(this.#path, join(entry.parentPath, entry.name)).replace(/\.data$/, ''))
      }
    }
  }

  #file (key: Key): string {
    return `${join(this.#path, key.toString())}.data`
  }
}
