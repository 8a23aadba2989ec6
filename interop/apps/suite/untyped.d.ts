declare module 'chai' {
  const chai: { use: (plugin: unknown) => void, expect: unknown }
  export default chai
}

declare module 'chai-as-promised'
declare module 'chai-bites'
declare module 'chai-parentheses'
declare module 'chai-subset'

declare module 'mocha' {
  export interface Test {
    fullTitle: () => string
  }

  export interface Runner {
    on: (event: 'pass' | 'pending' | 'fail' | 'end', listener: (test: Test, error: unknown) => void) => Runner
  }

  export default class Mocha {
    constructor (options: { reporter: Function, timeout: number })
    suite: { emit: (event: 'pre-require', context: object, file: string, mocha: Mocha) => void }
    run: () => Runner
  }
}
