#!/bin/sh
# A Slurm of this one machine, for tests/batch/test_slurm.py; as root, on Debian or Ubuntu:
#     apt-get install slurm-wlm munge && sh tests/batch/slurm_on_this_machine.sh
set -eu
host=$(hostname -s)
state=/var/lib/slurm-of-one
mkdir -p $state /run/munge /etc/slurm
chown munge: /run/munge
cat > /etc/slurm/slurm.conf <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
StateSaveLocation=$state
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
KillWait=5
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES State=UP
CONF
munge -n > /dev/null 2>&1 || runuser -u munge -- /usr/sbin/munged
slurmctld
slurmd
sinfo
