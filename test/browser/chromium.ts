import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The program, or undefined where there is none: `CHROMIUM=path` names another */
export const chromiumPath = process.env['CHROMIUM'] ?? PLACES.find(place => existsSync(place))

/** Starts a Chromium that reaches nothing but 127.0.0.1, and asks nobody else for anything */
export async function startChromium (): Promise<Browser> {
  if (chromiumPath == null) {
    throw new Error('There is no Chromium: install it, as in apt-get install chromium, or set CHROMIUM to its path')
  }

  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      // root has no sandbox
      '--no-sandbox',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      // text without coloured edges: smaller pictures, the same on all screens
      '--disable-lcd-text',
      // WebRTC reaches a node of this machine
      '--allow-loopback-in-peer-connection',
      // a node on this machine is reached by its IP address, not by a name of mDNS
      '--disable-features=WebRtcHideLocalIpsWithMdns'
    ]
  })
}

export interface WatchedPage {
  readonly page: Page
  /** Errors of the console, and what no code of the page has caught */
  readonly errors: string[]
}

/** Opens a page that is watched for errors. It loads nothing but files, and what 127.0.0.1 serves */
export async function openPage (browser: Browser, viewport = { width: 1_280, height: 900 }, colorScheme: 'light' | 'dark' = 'light'): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' })
  const errors: string[] = []
  page.on('pageerror', error => { errors.push(String(error.stack ?? error)) })
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') {
      errors.push(`${message.type()}: ${message.text()}`)
    }
  })

  return { page, errors }
}
