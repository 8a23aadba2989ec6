import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The records of one kind in memory, each with a name */
export interface Records {
  /** Returns whether a record has a value now */
  has (name: string): boolean
  /** Returns the value of a record for JSON. Undefined: it has none, and is deleted from the datastore */
  encode (name: string): unknown
  /**
   * Restores a value of `encode()`. Knowledge from after the start takes precedence
   *
   * @param suffix the end of the record's key
   * @returns the name of the record
   * @throws Error if part of it cannot be restored
   */
  restore (suffix: string, value: any): string
}

export interface RecordsInit {
  readonly datastore: Datastore
  readonly log: Logger
  readonly records: Records
  /** The name of the data, for the log: `bans` */
  readonly title: string
  /** The beginning of the keys */
  readonly prefix: string
  /** The version of the values. Records of another version are skipped */
  readonly version: number
  /** Returns the end of a record's key. Default: its name */
  readonly suffixOf?: (name: string) => string
  /** Caps the records that are read at once: a datastore with more would block the node */
  readonly maxRead: number
  /** The records that are read beyond `maxRead` */
  readonly alwaysRead?: readonly string[]
  /** The beginning of the keys under which unreadable records are kept before they are overwritten. Default: they are not kept */
  readonly unreadablePrefix?: string
}
