import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'
import { FOLDER, images } from './images.ts'

test('the pictures of the documentation equal the output of npm run images', async t => {
  for (const [name, svg] of Object.entries(await images())) {
    t.is(await readFile(join(root, FOLDER, name), 'utf8'), svg, name)
  }
})
