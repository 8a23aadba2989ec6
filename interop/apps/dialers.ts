import { dialer } from 'libp2p-dial-pipeline'
import { withProvenance } from 'libp2p-dial-pipeline/address-book'
import { adaptive, staggered } from 'libp2p-dial-pipeline/presets'
import type { DialPipeline } from 'libp2p-dial-pipeline'
import type { Libp2pOptions } from 'libp2p'

/** Returns the options of a node with a dialer in them */
export type UseDialer = (options: Libp2pOptions<any>) => Libp2pOptions<any>

/** libp2p's own dialer: the control */
export const useStock: UseDialer = options => options

export const OURS: ReadonlyArray<readonly [name: string, useDialer: UseDialer]> = [
  ['adaptive', options => withDialer(options, adaptive())],
  ['staggered', options => withDialer(options, staggered())],
  ['withProvenance', options => withProvenance(withDialer(options, adaptive()))]
]

function withDialer (options: Libp2pOptions<any>, pipeline: DialPipeline): Libp2pOptions<any> {
  return { ...options, services: { dialer: dialer(pipeline), ...options.services } }
}
