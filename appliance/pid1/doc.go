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
// The hardware watchdog is opened before disk and network are looked at, and fed
// only while boxd gives signs of life (READY=1, WATCHDOG=1 of sd_notify(3)). A
// boxd that falls silent, or never speaks, is started again; if that does not
// help, the box is reset. Package watchdog has the rule.
//
// # New versions
//
// The program is started a second time as "init updates", which takes new
// versions on port 8077 from whoever holds the secret of the wiki's boxes
// (package intake has the format, appliance/update the sender), and has them
// tried. A version on trial is blessed once boxd has answered for ten seconds;
// one that does not within five minutes, or panics, or is reset by the watchdog,
// has used up a try.
package pid1
