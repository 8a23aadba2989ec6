import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { slugify } from '../markdown.ts'
import { base, content, generated, output } from '../paths.ts'
import { cardTables } from '../tables.ts'
import type { SidebarItem } from '../sidebar.ts'

const sidebar = JSON.parse(readFileSync(join(generated, 'sidebar.json'), 'utf8')) as Record<string, SidebarItem[]>

export default defineConfig({
  title: 'libp2p-dial-pipeline',
  description: 'A modular dialer for js-libp2p',
  lang: 'en',
  base,
  srcDir: content,
  outDir: output,
  cleanUrls: true,
  // or each page holds the list of all pages
  metaChunk: true,
  head: [['link', { rel: 'icon', href: `${base}icon.svg` }]],
  markdown: {
    config: cardTables,
    anchor: { slugify },
    toc: { slugify }
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/guides/', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/stages', activeMatch: '^/reference/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Playground', link: '/playground/index.html', target: '_self' }
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' }
  },
  vite: { build: { chunkSizeWarningLimit: 4_000 } }
})
