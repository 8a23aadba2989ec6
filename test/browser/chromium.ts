import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of the browser. Undefined: none was found. `CHROMIUM=path` selects another one */
export const chromiumPath = process.env['CHROMIUM'] ?? PLACES.find(place => existsSync(place))

/** Starts a Chromium that can reach only 127.0.0.1 */
export async function startChromium (): Promise<Browser> {
  if (chromiumPath == null) {
    throw new Error('There is no Chromium: install it, as in apt-get install chromium, or set CHROMIUM to its path')
  }

  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      // Chromium has no sandbox for root
      '--no-sandbox',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      // grey antialiasing: screenshots are smaller, and equal on every screen
      '--disable-lcd-text',
      // lets WebRTC connect to a node of this machine
      '--allow-loopback-in-peer-connection',
      // a node needs the IP address, not an mDNS name
      '--disable-features=WebRtcHideLocalIpsWithMdns'
    ]
  })
}

export interface WatchedPage {
  readonly page: Page
  /** Errors of the console, and uncaught errors of the page */
  readonly errors: string[]
}

/** Opens a page and records its errors. The page loads only files and responses of 127.0.0.1 */
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
