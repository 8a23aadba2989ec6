import test from 'ava'
import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import { firstSentence, readComment, splitDefault, summary } from './reference/comments.ts'
import { namesOf, optionNames } from './reference/options.ts'
import { pageNames, readPage } from './reference/pages.ts'
import { parametersOf } from './reference/parameters.ts'
import { table } from './reference/table.ts'

for (const page of pageNames) {
  test(`${page} has what the code says: run npm run reference after a change`, async t => {
    const { stands, should } = await readPage(page)

    t.is(stands, should)
  })
}

for (const [folder, functions] of Object.entries({ 'src/': stages, 'presets/': presets })) {
  for (const name of namesOf(functions).filter(name => parametersOf(name, folder).length === 1 && optionNames(name, folder).length > 0)) {
    test(`${name}() checks the options that the reference lists`, t => {
      const make = (functions as unknown as Record<string, (init: object) => unknown>)[name]
      const { message } = t.throws(() => make?.({ 'no option': 1 }), { message: /It has: / })

      t.deepEqual(message.split('It has: ')[1]?.split(', ').toSorted(), optionNames(name, folder).toSorted())
    })
  }
}

test('reads the text, the parameters and the default of a comment', t => {
  const { text, params, default: value } = readComment('/**\n * Waits. Then it goes on\n *\n * @param ms how long\n *   it waits\n * @default 5\n */')

  t.is(text, 'Waits. Then it goes on')
  t.deepEqual([...params], [['ms', 'how long it waits']])
  t.is(value, '5')
  t.is(firstSentence(text), 'Waits')
  t.is(readComment('/** The delay @default 100 */').default, '100')
})

test('splits the default from a sentence that names it', t => {
  t.deepEqual(splitDefault('The delay. Default: the node\'s. More'), { text: 'The delay. More', default: 'the node\'s' })
  t.deepEqual(splitDefault('The delay'), { text: 'The delay' })
})

test('puts a list after the first paragraph into one cell', t => {
  t.is(summary('When:\n\n- `a`: at once\n- `b`: later\n\nMore'), 'When:<br>`a`: at once<br>`b`: later')
})

test('leaves out a column without text, and escapes bars', t => {
  t.is(table(['a', 'b', 'c'], [['1', '', 'x | y']]), '| a | c |\n|---|---|\n| 1 | x \\| y |')
})
