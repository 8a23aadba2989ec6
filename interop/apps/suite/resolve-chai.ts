import { registerHooks } from 'node:module'

// the suite imports its assertions from aegir, a set of tools that brings over a thousand packages: the same plugins of chai are in chai.ts
const CHAI = new URL('chai.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'aegir/chai' ? CHAI : specifier, context)
})
