#!/usr/bin/env bash
# One array job: every task trains its part of a sweep into one folder that all of them see.
#
#   make build
#   sbatch --array=0-15 --export=ALL,EXP=penalty_ablation,PROFILE=full scripts/slurm/sweep.sh
#   target/release/penalty_ablation report --profile full --out reproduction
#
# A job that was cut off is submitted again as it was: what is whole is not trained again, and a long cell goes on
# from its checkpoint. EXP, PROFILE, OUT, PARTS and FLAGS come from the environment. Task I trains part I of PARTS;
# without PARTS the tasks have to be 0 to N-1, all of them, and are the N parts. Some of them again:
#
#   sbatch --array=3,7 --export=ALL,EXP=penalty_ablation,PROFILE=full,PARTS=16 scripts/slurm/sweep.sh
#SBATCH --job-name=understanding-gans
#SBATCH --array=0-3
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --output=slurm-%A_%a.log
# Two minutes before the time is up, or the node is taken away: running cells write a checkpoint and go on.
# `B:`, because only steps of `srun` get it otherwise, of which there is none.
#SBATCH --signal=B:USR1@120
set -euo pipefail

: "${EXP:?name an experiment: --export=ALL,EXP=js_failure}"
cd "${SLURM_SUBMIT_DIR:?to be run by sbatch}"
export OMP_NUM_THREADS=1
task=${SLURM_ARRAY_TASK_ID:?to be run as an array job: sbatch --array=0-15}
count=${SLURM_ARRAY_TASK_COUNT:?}
if [ -z "${PARTS:-}" ] && [ "$SLURM_ARRAY_TASK_MIN-${SLURM_ARRAY_TASK_MAX:-}" != "0-$((count - 1))" ]; then
    echo "sweep.sh: $count tasks from $SLURM_ARRAY_TASK_MIN are not a whole: name the number of its parts with PARTS=16" >&2
    exit 2
fi
# `exec`: signals that end a job or ask for a checkpoint reach the program. One that comes before the program listens,
# as in a job of less than two minutes, does not end it.
trap '' USR1 USR2
# shellcheck disable=SC2086 # FLAGS are several words.
exec "target/release/$EXP" run --profile "${PROFILE:-quick}" --out "${OUT:-reproduction}" \
    --shard "$task/${PARTS:-$count}" --jobs "${SLURM_CPUS_PER_TASK:-1}" --no-report ${FLAGS:-}
