{-# LANGUAGE ForeignFunctionInterface #-}

module Plug where

import Data.IORef
import Foreign.C.Types
import System.IO.Unsafe (unsafePerformIO)

foreign export ccall plug_start :: IO CInt

foreign export ccall plug_answer :: CInt -> IO CInt

{-# NOINLINE table #-}
table :: IORef [(String, CInt)]
table = unsafePerformIO (newIORef [])

plug_start :: IO CInt
plug_start = do
  writeIORef table [(show number, number) | number <- [0 .. 99]]
  return 0

plug_answer :: CInt -> IO CInt
plug_answer factor = maybe (-1) (* factor) . lookup "42" <$> readIORef table
