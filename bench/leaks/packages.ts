import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '../..')

/** Returns whether `npm run interop` has installed the packages of a consumer */
export function isInstalled (consumer: string): boolean {
  return existsSync(join(folderOf(consumer), 'node_modules/.package-lock.json'))
}

/** From now on, imports resolve to the packages of a consumer, so that each package is loaded once */
export function packagesOf (consumer: string): void {
  const folder = pathToFileURL(`${folderOf(consumer)}/`).href
  const project = pathToFileURL(`${ROOT}/`).href

  registerHooks({
    resolve: (specifier, context, next) => {
      const isOurs = context.parentURL?.startsWith(project) === true && !context.parentURL.includes('/node_modules/')
      const isPackage = !/^(\.|\/|[a-z]+:)/.test(specifier)

      return next(specifier, isOurs && isPackage ? { ...context, parentURL: folder } : context)
    }
  })
}

function folderOf (consumer: string): string {
  return join(ROOT, 'interop/installed', consumer)
}
