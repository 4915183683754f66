#!/usr/bin/env bash
# A real Slurm on this machine: runs a sweep as an array of four tasks, cuts it off, runs it again, merges, and
# compares the tables with those of one process, byte for byte. Needs root on Debian; `make test-slurm`.
set -euo pipefail
cd "$(dirname "$0")/../.."

EXP=js_failure
ARM="--only critic.steps=5"
if [ "$(id -u)" != 0 ]; then
    echo "test-slurm: starting Slurm's daemons takes root; run it as root or in a container" >&2
    exit 1
fi
if ! command -v slurmctld slurmd sbatch munged > /dev/null; then
    echo "test-slurm: installing Debian's slurm-wlm and munge" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge > /dev/null
fi

WORK=$(mktemp -d)
HOST=$(hostname -s)
stop() {
    for daemon in slurmd slurmctld; do
        if [ ! -f "$WORK/$daemon.pid" ]; then continue; fi
        pid=$(cat "$WORK/$daemon.pid")
        kill "$pid" || true
        # It saves its state on the way out, into the folder that goes next.
        for _ in $(seq 100); do
            if ! kill -0 "$pid" 2> /dev/null; then break; fi
            sleep 0.1
        done
    done
    rm -rf "$WORK"
}
trap stop EXIT

cat > "$WORK/slurm.conf" <<CONF
ClusterName=local
SlurmctldHost=$HOST(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$WORK/state
SlurmdSpoolDir=$WORK/spool
SlurmctldPidFile=$WORK/slurmctld.pid
SlurmdPidFile=$WORK/slurmd.pid
SlurmctldLogFile=$WORK/slurmctld.log
SlurmdLogFile=$WORK/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
KillWait=10
NodeName=$HOST NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$HOST Default=YES MaxTime=INFINITE State=UP
CONF
mkdir -p "$WORK/state" "$WORK/spool"
export SLURM_CONF="$WORK/slurm.conf"

if ! pgrep -x munged > /dev/null; then
    mkdir -p /run/munge
    chown munge: /run/munge
    if [ ! -f /etc/munge/munge.key ]; then /usr/sbin/mungekey --create; fi
    chown munge: /etc/munge/munge.key
    setpriv --reuid=munge --regid=munge --clear-groups /usr/sbin/munged
fi
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
for _ in $(seq 30); do
    if sinfo -h -o %t 2> /dev/null | grep -q idle; then break; fi
    sleep 1
done
sinfo >&2

submit() {
    # shellcheck disable=SC2068 # Flags of sbatch.
    sbatch $@ --array=0-3 --output="$WORK/task-%A_%a.log" \
        --export="ALL,EXP=$EXP,PROFILE=smoke,OUT=$WORK/parts,FLAGS=$ARM" scripts/slurm/sweep.sh
}
shards() { find "$WORK/parts/$EXP/shards" -name '*.json' 2> /dev/null | wc -l; }

echo "test-slurm: an array of four tasks, cut off in the middle" >&2
job=$(submit --parsable)
for _ in $(seq 600); do
    if [ "$(shards)" -ge 40 ]; then break; fi
    sleep 0.1
done
scancel "$job"
while squeue -h -j "$job" 2> /dev/null | grep -q .; do sleep 0.2; done
kept=$(shards)
echo "test-slurm: $kept records kept; the same array again" >&2
submit --wait
trained=$(cat "$WORK"/task-*.log | grep -c 'seeds' || true)
"target/release/$EXP" report --profile smoke --out "$WORK/parts" > /dev/null

echo "test-slurm: the same cells in one process" >&2
# shellcheck disable=SC2086
"target/release/$EXP" run --profile smoke --out "$WORK/whole" $ARM > /dev/null 2>&1
for table in runs.parquet traces.parquet samples.safetensors; do
    cmp "$WORK/parts/$EXP/$table" "$WORK/whole/$EXP/$table"
done
[ "$(shards)" -gt "$kept" ] && [ "$kept" -gt 0 ]
echo "test-slurm: passed: merged tables of four tasks equal those of one process ($kept records before the cut, $(shards) after, $trained cells trained)"
