// Where Chromium and Firefox are: CHROME_BIN and FIREFOX_BIN, else PATH, else (root on a Debian) apt-get.
// --print: path and version of Chromium, for Nx's cache key; --print-both: of both.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const chromium = {
  variable: 'CHROME_BIN',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debian: 'chromium',
};
const firefox = { variable: 'FIREFOX_BIN', names: ['firefox-esr', 'firefox'], debian: 'firefox-esr' };
const runs = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
export const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
]; // prettier-ignore

function find({ variable, names }) {
  if (process.env[variable]) return process.env[variable];
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(runs);
}
function need(browser) {
  const found = find(browser);
  if (found || process.getuid?.() !== 0 || !runs('/usr/bin/apt-get')) return found;
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', browser.debian);
  return find(browser);
}
const withVersion = (file) =>
  file ? `${file} ${execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()}` : 'none';

export const findChromium = () => find(chromium);
export const findFirefox = () => find(firefox);
/** A path, or undefined when there is none and none may be installed. */
export const needChromium = () => need(chromium);
/** The same for Firefox. */
export const needFirefox = () => need(firefox);

if (process.argv[2] === '--print') console.log(withVersion(findChromium()));
if (process.argv[2] === '--print-both') console.log(withVersion(findChromium()), withVersion(findFirefox()));
if (process.argv[2] === '--install') console.log(needChromium() ?? 'none', needFirefox() ?? 'none');
