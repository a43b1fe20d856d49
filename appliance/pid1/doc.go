// Package pid1 is what a box's first process does: mount, find the disk, set
// the network, start and watch the programs, feed the watchdog, show the
// console. Program appliance/init runs it.
//
// It stands on its own and not on gokrazy's Boot and SuperviseServices. Those
// feed the watchdog whatever the programs do, start a shell at a key on the
// serial line if they find one, and restart without a pause that grows. Of
// gokrazy an image has the kernels, the firmware, and the programs dhcp and ntp.
//
// # Settings
//
// The first of these that there is:
//
//  1. argss.settings=BASE64 on the kernel's command line: URL-safe base64
//     without padding of a settings file, used and not kept. Tests use it.
//  2. /perm/settings.json.
//  3. argss.json on the boot partition, copied to /perm/settings.json. It may
//     leave out data, listen and secret.
//  4. Defaults: named argss- and the end of the first interface's MAC, DHCP.
//
// A file that is wrong is told on the console and passed over.
//
// # The watchdog
//
// The hardware watchdog is opened before any program starts, and fed only while
// every program that has ever said READY=1 or WATCHDOG=1 on its notify socket
// (sd_notify(3)) has said one of them within its deadline. A program that died
// is being restarted and has the same deadline. So a box that hangs in any of
// them, or in the kernel, or whose programs do not stay up, is reset.
package pid1
