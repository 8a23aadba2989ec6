import type { Testimony } from './observer.ts'
import type { Taints } from './taints.ts'

/** Marks the addresses that a peer router or content router finds. libp2p stores those objects, and hands them on */
export function wrapRouter (router: any, testimony: () => Testimony, taints: Taints): void {
  const { findPeer } = router

  if (typeof findPeer === 'function') {
    router.findPeer = async (...args: unknown[]) => {
      const info = await findPeer.apply(router, args)
      taints.markInfo(info, testimony())

      return info
    }
  }

  for (const name of ['getClosestPeers', 'findProviders']) {
    const find = router[name]

    if (typeof find === 'function') {
      router[name] = (...args: unknown[]) => marked(find.apply(router, args), testimony, taints)
    }
  }
}

async function * marked (infos: AsyncIterable<unknown>, testimony: () => Testimony, taints: Taints): AsyncGenerator {
  for await (const info of infos) {
    taints.markInfo(info, testimony())
    yield info
  }
}
