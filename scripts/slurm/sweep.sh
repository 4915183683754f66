#!/usr/bin/env bash
# One array job: every task trains its part of a sweep into one folder that all of them see.
#
#   make build
#   sbatch --array=0-15 --export=ALL,EXP=penalty_ablation,PROFILE=full scripts/slurm/sweep.sh
#   target/release/penalty_ablation report --profile full --out reproduction
#
# A job that was cut off is submitted again as it was: what is whole is not trained again, and a long cell goes on
# from its checkpoint. EXP, PROFILE, OUT and FLAGS come from the environment.
#SBATCH --job-name=understanding-gans
#SBATCH --array=0-3
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --output=slurm-%A_%a.log
set -euo pipefail

: "${EXP:?name an experiment: --export=ALL,EXP=js_failure}"
cd "${SLURM_SUBMIT_DIR:?to be run by sbatch}"
export OMP_NUM_THREADS=1
# `exec`: the signal that ends a job reaches the program, which leaves a checkpoint.
# shellcheck disable=SC2086 # FLAGS are several words.
exec "target/release/$EXP" run --profile "${PROFILE:-quick}" --out "${OUT:-reproduction}" \
    --shard "$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN))/$SLURM_ARRAY_TASK_COUNT" \
    --jobs "${SLURM_CPUS_PER_TASK:-1}" --no-report ${FLAGS:-}
