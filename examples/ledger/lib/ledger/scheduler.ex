defmodule Ledger.Scheduler do
  @moduledoc "The jobs of the night and of the quarter of an hour."
  use Quantum, otp_app: :ledger
end
