// A dial option of your own, which a filter reads. Guide: docs/guides/add-a-dial-option.md
import { staggered } from 'libp2p-dial-pipeline/presets'
import { filter } from 'libp2p-dial-pipeline/stages'

declare module 'libp2p-dial-pipeline' {
  interface StageOptions {
    /** The hosts that the dial may use. Default: all */
    allowHosts?: readonly string[]
  }
}

/** Drops addresses of hosts that are not in the dial option `allowHosts` */
export const allowHosts = filter('allow-hosts', ({ facts }, { options: { allowHosts } }) => {
  return allowHosts == null || allowHosts.includes(facts.host ?? '') || 'a host that the option allowHosts does not name'
}, { options: ['allowHosts'] })

export const careful = staggered().after('resolve', allowHosts)
