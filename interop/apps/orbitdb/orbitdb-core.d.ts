/** Declares what the test uses: OrbitDB comes without types */
declare module '@orbitdb/core' {
  export interface KeyValue {
    readonly address: string
    put (key: string, value: string): Promise<string>
    get (key: string): Promise<string | undefined>
  }

  export interface OrbitDB {
    open (address: string, options?: { type?: 'keyvalue', AccessController?: unknown }): Promise<KeyValue>
    stop (): Promise<void>
  }

  export function createOrbitDB (init: { ipfs: unknown, directory: string }): Promise<OrbitDB>

  export function IPFSAccessController (init: { write: string[] }): unknown
}
