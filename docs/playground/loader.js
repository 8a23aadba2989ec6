// A classic script, because a page from disk cannot load modules. The page runs it, and passes its text to the frames
function loadModules (modules) {
  const imports = Object.fromEntries(Object.entries(modules).map(([name, text]) => [name, URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))]))
  const map = document.createElement('script')
  map.type = 'importmap'
  map.textContent = JSON.stringify({ imports })
  document.head.append(map)
}

// Chromium has no content policy for WebRTC. A nested frame would have WebRTC again: Trusted Types refuse its markup, except that of XSLT
function denyWebRtc () {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'XSLTProcessor']) {
    Reflect.deleteProperty(globalThis, name)
  }

  const policy = document.createElement('meta')
  policy.httpEquiv = 'Content-Security-Policy'
  policy.content = "require-trusted-types-for 'script'; trusted-types 'none'"
  document.head.append(policy)
}

// Runs in a frame, which gets one order
// oxlint-disable-next-line eslint/no-unused-vars -- the frame calls it
function answerOrders () {
  addEventListener('message', ({ data: { modules, order } }) => {
    loadModules(modules)
    void import('playground/sandbox').then(async ({ run }) => {
      denyWebRtc()
      parent.postMessage(await run(order), '*')
    })
  }, { once: true })
  parent.postMessage({ isReady: true }, '*')
}
