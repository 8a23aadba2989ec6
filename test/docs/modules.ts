import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { root } from '../support/root.ts'
import { blocksIn } from './blocks.ts'
import type { Block } from './blocks.ts'

/** A block as a file that can be compiled and run */
export interface Module {
  block: Block
  /** Relative to the root */
  path: string
}

/** Inside the project, where its own name leads to what was built */
export const folder = '.docs'

/** The blocks of README.md and docs */
export async function projectBlocks (): Promise<Block[]> {
  const blocks = await Promise.all((await pages()).map(async file => blocksIn(await readFile(join(root, file), 'utf8'), file)))

  return blocks.flat()
}

/** README.md and docs, relative to the root */
export async function pages (): Promise<string[]> {
  const files: string[] = []

  for await (const file of glob('{README.md,docs/**/*.md}', { cwd: root })) {
    files.push(file)
  }

  return files
}

/** Writes blocks as modules into an emptied folder, with a project for the compiler */
export async function writeModules (blocks: readonly Block[], into: string): Promise<Module[]> {
  await rm(join(root, into), { recursive: true, force: true })
  await write(`${into}/tsconfig.json`, JSON.stringify(project(into)))

  return Promise.all(blocks.map(async block => {
    const path = `${into}/${block.file.replace(/\.md$/, '')}.${block.line}.ts`

    // an error's line in the module is its line in the markdown
    await write(path, `${'\n'.repeat(block.line)}${block.code}\n`)

    return { block, path }
  }))
}

async function write (path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function project (into: string): object {
  return {
    extends: `${relative(into, '.')}/tsconfig.json`,
    compilerOptions: {
      noEmit: true,
      // with an outDir the compiler takes the package's own name for its sources
      outDir: null,
      rootDir: null,
      moduleDetection: 'force',
      noUnusedLocals: false,
      noUnusedParameters: false
    },
    include: ['**/*.ts']
  }
}
