#!/bin/sh
# Finds a Chromium for the browser tests, or installs one where that is possible, or says how. Never fails the build.
for name in "$CRM_BROWSER" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests (once) …"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1
    command -v chromium >/dev/null 2>&1 && exit 0
fi
echo "No Chromium: browser tests will be skipped. Install it (Debian: apt-get install chromium; or any Chrome) or set CRM_BROWSER to its path."
exit 0
