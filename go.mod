module github.com/argss/argss

go 1.26.0

require (
	github.com/a-h/templ v0.3.977 // pages as typed components; its generator checks the HTML at build time
	github.com/diskfs/go-diskfs v1.9.4 // partition table of an image; other readers of it in tests
	github.com/gokrazy/firmware v0.0.0-20260522070551-527ce0ed43cf // what a Raspberry Pi starts before its kernel
	github.com/gokrazy/gokrazy v0.0.0-20260418085648-c38c3134b8a7 // indirect; programs dhcp and ntp of an image
	github.com/gokrazy/kernel.amd64 v0.0.0-20260705070735-de680abf072b // kernel of an image
	github.com/gokrazy/kernel.arm64 v0.0.0-20260705071517-37841c4d6ff1 // kernel of an image
	github.com/gokrazy/kernel.rpi v0.0.0-20251127164438-9778ec0261de // kernel of an image
	github.com/google/go-cmp v0.7.0 // tests: one readable difference per failure
	github.com/klauspost/compress v1.20.3 // zstd bodies between boxes
	github.com/tidwall/btree v1.8.2 // ordered memory table over the on-disk index
	github.com/vishvananda/netlink v1.3.1 // interfaces and addresses, where a wrong byte costs the network
	github.com/yuin/goldmark v1.8.7 // CommonMark and GFM
	go.etcd.io/bbolt v1.5.0 // the index of a store, rebuilt from its log at any time
	golang.org/x/sync v0.24.0 // errgroup
	golang.org/x/sys v0.49.0 // parent-death signal, statfs, socket options
	golang.org/x/text v0.27.0 // compatibility forms of letters, for search
	modernc.org/sqlite v1.61.1 // full-text search in one file, without cgo; 36 MiB where bleve took 160
)

require (
	github.com/anchore/go-lzo v0.1.0 // indirect
	github.com/beevik/ntp v0.3.0 // indirect
	github.com/djherbis/times v1.6.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/elliotwutingfeng/asciiset v0.0.0-20260129054604-cfde2086bc57 // indirect
	github.com/google/gopacket v1.1.19 // indirect
	github.com/google/renameio/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/josharian/native v1.1.0 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mdlayher/packet v1.1.2 // indirect
	github.com/mdlayher/socket v0.4.1 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.26 // indirect
	github.com/pkg/xattr v0.4.12 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/rtr7/dhcp4 v0.0.0-20220302171438-18c84d089b46 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	github.com/ulikunitz/xz v0.5.15 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
	golang.org/x/net v0.42.0 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)

tool (
	github.com/gokrazy/gokrazy/cmd/dhcp
	github.com/gokrazy/gokrazy/cmd/ntp
)
