import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../support/root.ts'

/** One dial of record-dials.ts. Times are in milliseconds after its start */
export interface RecordedDial {
  readonly name: string
  readonly isConnected: boolean
  readonly ms: number
  readonly attempts: readonly RecordedAttempt[]
}

export interface RecordedAttempt {
  /** The kind of address: `blackhole` or `good` */
  readonly word: string
  /** The start of the attempt. Absent: the address was not attempted */
  readonly from?: number
  readonly to?: number
}

export const RECORDED = join(root, 'test/docs/recorded-dials.json')

export async function recordedDials (): Promise<RecordedDial[]> {
  return JSON.parse(await readFile(RECORDED, 'utf8'))
}
