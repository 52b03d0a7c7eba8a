{-# LANGUAGE ForeignFunctionInterface #-}

-- | What the library answers by: sums of numbers that are written in words.
module Plug where

import Control.Concurrent (isCurrentThreadBound)
import Control.Exception
import qualified Data.Map.Strict as Map
import Foreign.C.String
import Foreign.C.Types
import Foreign.Marshal.Array (copyArray)
import Foreign.Storable (pokeElemOff)
import System.Mem (performMajorGC)

foreign export ccall plug_start :: IO CInt

foreign export ccall hsplug_answer :: CString -> CString -> CSize -> IO CInt

foreign export ccall hsplug_is_bound :: IO CInt

foreign export ccall hsplug_collect :: IO ()

newtype Unknown = Unknown String

instance Show Unknown where
  show (Unknown name) = "no number is called '" ++ name ++ "'"

instance Exception Unknown

ones, tens :: [String]
ones =
  words
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
    \eighteen nineteen"
tens = words "- - twenty thirty forty fifty sixty seventy eighty ninety"

spell :: Integer -> String
spell n
  | n < 0 = "minus " ++ spell (-n)
  | n < 20 = ones !! fromInteger n
  | n < 100 = tens !! fromInteger (div n 10) ++ rest "-" (mod n 10)
  | n < 1000 = ones !! fromInteger (div n 100) ++ " hundred" ++ rest " " (mod n 100)
  | otherwise = spell (div n 1000) ++ " thousand" ++ rest " " (mod n 1000)
  where
    rest _ 0 = ""
    rest between m = between ++ spell m

{-# NOINLINE numbers #-}
numbers :: Map.Map String Integer
numbers = Map.fromList [(spell n, n) | n <- [0 .. 19999]]

-- | "two times three plus four": `times` binds more than `plus` and `minus`.
value :: [String] -> Integer
value = foldl add 0 . terms (+)
  where
    add total (operator, term) = operator total (product (map number (splitOn "times" term)))
    terms operator text = case break (`elem` ["plus", "minus"]) text of
      (term, []) -> [(operator, term)]
      (term, word : others) -> (operator, term) : terms (if word == "plus" then (+) else (-)) others
    number name = Map.findWithDefault (throw (Unknown (unwords name))) (unwords name) numbers
    splitOn word text = case break (== word) text of
      (before, []) -> [before]
      (before, _ : after) -> before : splitOn word after

-- | Runs once, when the library starts: makes the table, which would else be made by the first call.
plug_start :: IO CInt
plug_start = do
  size <- evaluate (Map.size numbers)
  return (if size == 20000 then 0 else 1)

-- | The answer's bytes, as many as there is room for, with the final NUL.
copy :: CString -> CSize -> String -> IO ()
copy to size text =
  withCAStringLen text $ \(from, length') -> do
    let fits = min length' (fromIntegral size - 1)
    copyArray to from fits
    pokeElemOff to fits 0

-- | No exception may leave an export.
hsplug_answer :: CString -> CString -> CSize -> IO CInt
hsplug_answer question result size = do
  text <- peekCAString question
  answer <- try (evaluate (let said = spell (value (words text)) in length said `seq` said))
  case answer of
    Right said -> copy result size said >> return 0
    Left problem -> copy result size (show (problem :: SomeException)) >> return (-1)

-- | Whether Haskell runs on the very thread that has called.
hsplug_is_bound :: IO CInt
hsplug_is_bound = fromIntegral . fromEnum <$> isCurrentThreadBound

hsplug_collect :: IO ()
hsplug_collect = performMajorGC
