#!/bin/sh
# A file server without a memory balloon: there is no balloon device.
exec qemu-system-x86_64 \
  -name guest=files \
  -uuid 7c3e1f0a-52d4-4b1c-9a77-2f6d8f4f9b10 \
  -nodefaults \
  -machine pc,accel=kvm:tcg \
  -cpu Haswell \
  -smp 2,sockets=1,cores=2,threads=1 \
  -m size=1024M \
  -rtc base=utc \
  -blockdev driver=qcow2,node-name=drive0-image,discard=unmap,file.driver=file,file.filename=./files.qcow2 \
  -netdev bridge,id=hostnet0,br=br0 \
  -device e1000,id=net0,netdev=hostnet0,mac=52:54:00:5a:10:01 \
  -display none \
  -device virtio-scsi-pci,id=scsi0 \
  -device scsi-hd,id=drive0,bus=scsi0.0,scsi-id=0,lun=0,drive=drive0-image,bootindex=1
