import chai from 'chai'
import promised from 'chai-as-promised'
import bites from 'chai-bites'
import parentheses from 'chai-parentheses'
import subset from 'chai-subset'

for (const plugin of [promised, parentheses, subset, bites]) {
  chai.use(plugin)
}

export const { expect } = chai
