import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The records of one kind in the memory of their owner, who calls each by a name */
export interface Records {
  /** Returns whether a record has a value now */
  has (name: string): boolean
  /** Returns the value of a record, as JSON can say it; undefined where it has none, and is to be deleted */
  encode (name: string): unknown
  /**
   * Takes over a value that `encode` returned in an earlier life. What is known since counts more
   *
   * @param suffix what the key of the record ends with
   * @returns the name of the record
   * @throws Error where not all of it can be taken over
   */
  restore (suffix: string, value: any): string
}

export interface RecordsInit {
  readonly datastore: Datastore
  readonly log: Logger
  readonly records: Records
  /** What the records are of, for the log: `bans` */
  readonly title: string
  /** What the keys of the records begin with */
  readonly prefix: string
  /** The version of what `encode` returns. Records of another version are skipped */
  readonly version: number
  /** Returns what the key of a record ends with. Default: its name */
  readonly suffixOf?: (name: string) => string
  /** How many records are read at once: a datastore that yields more would keep the node from all else */
  readonly maxRead: number
  /** Records that are read even where there are more than `maxRead` */
  readonly alwaysRead?: readonly string[]
  /** Where a record that could not be read is copied to before it is overwritten. Default: it is not copied */
  readonly unreadablePrefix?: string
}
