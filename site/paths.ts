import { join } from 'node:path'

export const site = import.meta.dirname
export const root = join(site, '..')

/** What the build makes before VitePress runs: pages, sidebar */
export const generated = join(site, '.generated')

/** The Markdown that VitePress reads */
export const content = join(generated, 'pages')

/** Copied to the site as it is */
export const assets = join(content, 'public')

export const output = join(site, 'dist')

/** The path under which the site is served. It begins and ends with a slash */
export const base = process.env['SITE_BASE'] ?? '/'
